import { normaliseAddress, type RevokeLinksRequest, revokeLinksRequest } from '@bellhop/contracts';
import { type Answer, HonouredIdempotency, type IdempotentRequest, idempotent, Roles } from '@bellhop/service';
import { Body, Controller, Post } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { revokeLinks } from './revoke-links.js';

/** For the day on which a mailbox turns out to be in other hands. */
@Controller('ops/guest-links')
@Roles('operator')
export class RevocationsController {
  constructor(private readonly dataSource: DataSource) {}

  @Post('revocations')
  revoke(
    @Body({ schema: revokeLinksRequest }) { ticketId, email }: RevokeLinksRequest,
    @HonouredIdempotency() once: IdempotentRequest | null,
  ): Promise<Answer> {
    const address = email === undefined ? null : normaliseAddress(email);
    return this.dataSource.transaction((manager) =>
      idempotent(manager, once, async () => ({ status: 200, body: await revokeLinks(manager, ticketId, address) })),
    );
  }
}
