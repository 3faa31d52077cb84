import type { RpcRequest } from '@bellhop/contracts/rpc';
import { Database } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config.js';
import { Dispatchers } from '../dispatch/dispatchers.js';
import { codeContext, seal } from '../payload/sealed-payload.js';
import { type GuestMail, insertGuestMail } from './insert-guest-mail.js';

/** Turns requests of guest-auth into deliveries that go before all others. */
@Injectable()
export class GuestMailsService {
  constructor(
    private readonly database: Database,
    private readonly dispatchers: Dispatchers,
    private readonly settings: Settings,
  ) {}

  /** Resolves when it is committed, now or by an earlier request with the same challenge. */
  async acceptCode(request: RpcRequest<'sendCode'>): Promise<void> {
    const { challengeId, code, expiresAt, ...rest } = request;
    const sealed = await seal(Buffer.from(code), codeContext(challengeId), this.settings.payloadKeys);
    // The request names its ticket by number only, so the number stands for the id, too.
    await this.accept({ ...rest, requestId: challengeId, template: 'code', ticketId: rest.number, sealed, expiresAt });
  }

  /** The same for a fresh link, which is issued when the mail is composed. */
  async acceptLink(request: RpcRequest<'sendLink'>): Promise<void> {
    await this.accept({ ...request, template: 'link' });
  }

  /** Does not wait for an unavailable database: the caller would have given up by then, and the guest would get an unexpected code. */
  private async accept(mail: GuestMail): Promise<void> {
    if (await insertGuestMail(this.database.background, mail)) this.dispatchers.wake('email');
  }
}
