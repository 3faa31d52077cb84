import { Housekeeping } from '@bellhop/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { CHANNEL } from './channels/channel.js';
import { emailChannel } from './channels/email/email-channel.js';
import { Composer } from './dispatch/composer.js';
import { DispatchMetrics } from './dispatch/dispatch-metrics.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { FormerRequests } from './dispatch/former-requests.js';
import { LeaseKeeper } from './dispatch/lease-keeper.js';
import { OutcomeRecorder } from './dispatch/outcome-recorder.js';
import { Preparation } from './dispatch/preparation.js';
import { IntakeService } from './intake/intake.service.js';
import { TicketsHandler } from './intake/tickets.handler.js';
import { ExplanationsController } from './ops/explanations.controller.js';
import { purgeRecords } from './ops/purge-records.js';
import { type Config, Settings } from './settings.js';

/** Below the time that a process has for its loops when it ends. */
const CHANNEL_CLOSE_MS = 10_000;

@Module({})
export class NotificationsModule {
  constructor(housekeeping: Housekeeping) {
    housekeeping.add('deliveries and decisions', purgeRecords);
  }

  static configured(config: Config): DynamicModule {
    return {
      module: NotificationsModule,
      controllers: [TicketsHandler, ExplanationsController],
      providers: [
        { provide: Settings, useValue: new Settings(config) },
        {
          provide: CHANNEL,
          useFactory: () => emailChannel(config.EMAIL_URL, { closeMs: CHANNEL_CLOSE_MS }),
        },
        DispatchMetrics,
        LeaseKeeper,
        Composer,
        FormerRequests,
        Preparation,
        OutcomeRecorder,
        Dispatcher,
        IntakeService,
      ],
    };
  }
}
