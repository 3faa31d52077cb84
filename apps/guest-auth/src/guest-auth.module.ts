import { erasureProviders, Housekeeping } from '@bellhop/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { BudgetsService } from './budgets/budgets.service.js';
import { ChallengeOpener } from './challenges/challenge-opener.js';
import { ChallengesController } from './challenges/challenges.controller.js';
import { ChallengesHandler } from './challenges/challenges.handler.js';
import { LinkOpener } from './challenges/link-opener.js';
import { Verifier } from './challenges/verifier.js';
import { type Config, Settings } from './config.js';
import { ErasuresHandler } from './erasure/erasures.handler.js';
import { GuestEraser } from './erasure/guest-eraser.js';
import { FreshLinkWorker } from './fresh-links/fresh-link-worker.js';
import { FreshLinksController } from './fresh-links/fresh-links.controller.js';
import { GuestMetrics } from './guest-metrics.js';
import { LinksHandler } from './links/links.handler.js';
import { LinksService } from './links/links.service.js';
import { purges } from './purges.js';
import { RevocationsController } from './revocations/revocations.controller.js';
import { SignOutController } from './revocations/sign-out.controller.js';
import { SessionsHandler } from './sessions/sessions.handler.js';
import { TicketsHandler } from './tickets/tickets.handler.js';

@Module({})
export class GuestAuthModule {
  constructor(housekeeping: Housekeeping) {
    for (const [name, purge] of Object.entries(purges)) housekeeping.add(name, purge);
  }

  static configured(config: Config): DynamicModule {
    return {
      module: GuestAuthModule,
      controllers: [
        TicketsHandler,
        LinksHandler,
        ChallengesHandler,
        SessionsHandler,
        ChallengesController,
        SignOutController,
        FreshLinksController,
        RevocationsController,
        ErasuresHandler,
      ],
      providers: [
        { provide: Settings, useValue: new Settings(config) },
        GuestMetrics,
        BudgetsService,
        LinksService,
        ChallengeOpener,
        LinkOpener,
        Verifier,
        FreshLinkWorker,
        ...erasureProviders(config.ERASURE_KEY, GuestEraser),
      ],
    };
  }
}
