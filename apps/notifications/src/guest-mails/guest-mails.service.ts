import type { RpcRequest } from '@bellhop/contracts/rpc';
import { Database } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config.js';
import { Dispatchers } from '../dispatch/dispatchers.js';
import { codeContext } from '../payload/code-context.js';
import { seal } from '../payload/sealed-payload.js';
import { type GuestMail, insertGuestMail } from './insert-guest-mail.js';

/** Turns questions of guest-auth into deliveries that go before all others. */
@Injectable()
export class GuestMailsService {
  constructor(
    private readonly database: Database,
    private readonly dispatchers: Dispatchers,
    private readonly settings: Settings,
  ) {}

  /** Resolves when it is committed, now or by an earlier question with the same challenge. */
  async acceptCode(request: RpcRequest<'sendCode'>): Promise<void> {
    const { challengeId, code, expiresAt, ...rest } = request;
    const sealed = await seal(Buffer.from(code), codeContext(challengeId), this.settings.payloadKeys);
    // Events name tickets by id, codes by number alone: that is all that is known of theirs.
    await this.accept({ ...rest, requestId: challengeId, template: 'code', ticketId: rest.number, sealed, expiresAt });
  }

  /** The same for a fresh link, which is made when the mail is. */
  async acceptLink(request: RpcRequest<'sendLink'>): Promise<void> {
    await this.accept({ ...request, template: 'link' });
  }

  /** A database that is away is not waited for: whoever asks has given up by then, and a code would come as a surprise. */
  private async accept(mail: GuestMail): Promise<void> {
    if (await insertGuestMail(this.database.background, mail)) this.dispatchers.wake('email');
  }
}
