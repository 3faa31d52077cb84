import { type FileTicketRequest, fileTicketRequest } from '@bellhop/contracts/http';
import {
  type Answer,
  Browser,
  ClientNetwork,
  type IdempotentRequest,
  OptionalSignIn,
  principalOfBrowser,
  RequiredIdempotencyKey,
} from '@bellhop/service';
import { Body, Controller, Post, UseInterceptors } from '@nestjs/common';
import { AttachmentLimits } from '../attachments/attachment-limits.js';
import type { Caller } from '../people/caller.js';
import { CurrentUploaders, MaybeCaller, RememberCaller } from '../people/remember-caller.interceptor.js';
import { type Preferences, UnreadablePreferences } from '../people/unreadable-preferences.js';
import { FilingService } from './filing.service.js';
import { guestAndAccount, nobodyFiles } from './filing-problems.js';
import { GuestFilingService } from './guest-filing.service.js';

/** The request before it was read. */
interface WrittenFiling {
  readonly guest: Preferences;
}

/** Tickets are filed by people with an account, or by guests, who have to prove their address. */
@OptionalSignIn()
@UseInterceptors(RememberCaller)
@Controller('tickets')
export class FilingController {
  constructor(
    private readonly filings: FilingService,
    private readonly guestFilings: GuestFilingService,
    private readonly unreadable: UnreadablePreferences,
    private readonly limits: AttachmentLimits,
  ) {}

  @Post()
  file(
    @MaybeCaller() caller: Caller | null,
    @Body({ schema: fileTicketRequest }) request: FileTicketRequest,
    @Body() written: WrittenFiling,
    @Browser() browser: string,
    @ClientNetwork() network: string,
    @CurrentUploaders() uploaders: readonly string[],
    @RequiredIdempotencyKey() once: IdempotentRequest,
  ): Promise<Answer> {
    const files = this.limits.files(request.attachmentIds, uploaders);
    if (caller?.person.kind === 'user') {
      if (request.guest) throw guestAndAccount();
      return this.filings.file({ requester: caller.person, request, files }, once);
    }
    // A session proves the address for the tickets that it has opened, and for no new one.
    if (!request.guest) throw nobodyFiles();
    this.unreadable.count('filing', written.guest, request.guest);
    const guest = { kind: 'guest', ...request.guest } as const;
    // The idempotency key is bound to the browser, as the code is, even if a session begins between a request and its repetition.
    const ofBrowser = { ...once, principal: principalOfBrowser(browser) };
    return this.guestFilings.file({ guest, request, files, browser, network }, ofBrowser);
  }
}
