import { type Answer, type IdempotentRequest, idempotent } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DayBudgets } from '../budgets/day-budgets.js';
import { personKey } from '../people/person.js';
import { type Filing, fileTicket } from '../tickets/file-ticket.js';

/** Files tickets of people with an account. */
@Injectable()
export class FilingService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly budgets: DayBudgets,
  ) {}

  /** @throws Problem 429 `too_many_tickets` */
  async file(filing: Omit<Filing, 'now'>, once: IdempotentRequest): Promise<Answer> {
    const answer = await this.dataSource.transaction((manager) =>
      idempotent(manager, once, async () => {
        await this.budgets.spend(manager, personKey(filing.requester), 'tickets');
        const body = await fileTicket(manager, { ...filing, now: new Date() });
        return { status: 201, body };
      }),
    );
    // failpoint: tickets.committed
    return answer;
  }
}
