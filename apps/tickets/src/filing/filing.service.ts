import type { FileTicketRequest, User } from '@bellhop/contracts';
import { type Answer, type IdempotentRequest, idempotent } from '@bellhop/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { fileTicket } from '../tickets/file-ticket.js';

/** Files tickets of people with an account. */
@Injectable()
export class FilingService {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async file(requester: User, request: FileTicketRequest, once: IdempotentRequest): Promise<Answer> {
    const answer = await this.dataSource.transaction((manager) =>
      idempotent(manager, once, async () => {
        const body = await fileTicket(manager, { requester, request, now: new Date() });
        return { status: 201, body };
      }),
    );
    // failpoint: tickets.committed
    return answer;
  }
}
