import { type Answer, type IdempotentRequest, idempotent } from '@bellhop/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Filing, fileTicket } from '../tickets/file-ticket.js';

/** Files tickets of people with an account. */
@Injectable()
export class FilingService {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async file(filing: Omit<Filing, 'now'>, once: IdempotentRequest): Promise<Answer> {
    const answer = await this.dataSource.transaction((manager) =>
      idempotent(manager, once, async () => {
        const body = await fileTicket(manager, { ...filing, now: new Date() });
        return { status: 201, body };
      }),
    );
    // failpoint: tickets.committed
    return answer;
  }
}
