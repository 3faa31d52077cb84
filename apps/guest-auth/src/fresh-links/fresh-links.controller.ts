import { randomUUID } from 'node:crypto';
import { type RequestLinkRequest, requestLinkRequest } from '@bellhop/contracts/http';
import type { Problem } from '@bellhop/http';
import {
  type Answer,
  answeredBefore,
  ClientNetwork,
  type IdempotentRequest,
  idempotent,
  OptionalIdempotencyKey,
  Public,
} from '@bellhop/service';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BudgetsService, type Refused } from '../budgets/budgets.service.js';
import { overBudget } from '../challenges/challenge-problems.js';
import { GuestMetrics } from '../guest-metrics.js';
import { FreshLinkWorker } from './fresh-link-worker.js';
import { insertRequest } from './link-request-store.js';

/** For guests who have lost their mails. The answer and its time are the same whether number and address are right or not. */
@Public()
@Controller('guest/links')
export class FreshLinksController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly budgets: BudgetsService,
    private readonly worker: FreshLinkWorker,
    private readonly metrics: GuestMetrics,
  ) {}

  @Post()
  @HttpCode(202)
  async request(
    @Body({ schema: requestLinkRequest }) { number, email }: RequestLinkRequest,
    @ClientNetwork() network: string,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    const spending = { purpose: 'fresh_link', email, network } as const;
    const answer = await this.budgets.runWithinBudget(spending, () =>
      this.dataSource.transaction((manager) =>
        idempotent(manager, once, async () => {
          const spent = await this.budgets.spendWithin(manager, spending);
          if ('retryAfterSeconds' in spent) throw this.refused(spent);
          await insertRequest(manager, randomUUID(), number, email);
          return { status: 202, body: {} };
        }),
      ),
    );
    if (!('retryAfterSeconds' in answer)) {
      this.worker.notify();
      return answer;
    }
    // A repeated request gets its first answer also when the first one has exhausted the budget.
    const earlier = once && (await answeredBefore(this.dataSource.manager, once));
    if (earlier) return earlier;
    throw this.refused(answer);
  }

  private refused({ retryAfterSeconds }: Refused): Problem {
    this.metrics.countFreshLink('over_budget');
    return overBudget(retryAfterSeconds);
  }
}
