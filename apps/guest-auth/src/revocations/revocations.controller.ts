import { type RevokeLinksRequest, revokeLinksRequest } from '@bellhop/contracts/http';
import { normaliseAddress } from '@bellhop/contracts/persons';
import {
  type Answer,
  CurrentIdentity,
  type IdempotentRequest,
  type Identity,
  idempotent,
  OptionalIdempotencyKey,
  Roles,
} from '@bellhop/service';
import { Body, Controller, Logger, Post } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { revokeLinks } from './revoke-links.js';

/** For operators, when a mailbox has fallen into the wrong hands. */
@Controller('ops/guest-links')
@Roles('operator')
export class RevocationsController {
  private readonly log = new Logger(RevocationsController.name);

  constructor(private readonly dataSource: DataSource) {}

  @Post('revocations')
  async revoke(
    @Body({ schema: revokeLinksRequest }) { ticketId, email }: RevokeLinksRequest,
    @CurrentIdentity() { subject }: Identity,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    const address = email === undefined ? null : normaliseAddress(email);
    const answer = await this.dataSource.transaction((manager) =>
      idempotent(manager, once, async () => ({ status: 200, body: await revokeLinks(manager, ticketId, address) })),
    );
    this.log.log({ message: 'guest links revoked', ticketId, by: subject, isOfOneAddress: address !== null });
    return answer;
  }
}
