import { type ListSentQuery, listSentQuery, type Page, type SentMessageView } from '@bellhop/contracts/http';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import {
  Database,
  type GuestSession,
  type Identity,
  type RequestWithIdentity,
  SignedInOrGuest,
} from '@bellhop/service';
import { Controller, Get, Query, Req } from '@nestjs/common';
import { requesterKey } from '../planning/recipients.js';
import { loadSent, type Reader } from './load-sent.js';

/** Shows people what was sent to them. */
@Controller('notifications/sent')
@SignedInOrGuest()
export class SentController {
  constructor(private readonly database: Database) {}

  @Get()
  async list(
    @Req() { identity, guest }: RequestWithIdentity,
    @Query({ schema: listSentQuery }) query: ListSentQuery,
  ): Promise<Page<SentMessageView>> {
    const reader = identity ? accountReader(identity) : guestReader(guest as GuestSession);
    return loadSent(await this.database.whenReady(), reader, query);
  }
}

/**
 * Under an account as requester and as agent, and what went to its address before there was an account. Never under the key of another
 * system: its user 7 is somebody else.
 */
function accountReader({ subject, email }: Identity): Reader {
  const keys = [requesterKey(OWN_SYSTEM, { kind: 'user', id: subject }), `${OWN_SYSTEM}:agent:${subject}`];
  return { keys: email ? [...keys, guestKey(email)] : keys, ticketIds: null };
}

/** A session has proven the address, and opened these tickets with it. */
function guestReader({ email, ticketIds }: GuestSession): Reader {
  return { keys: [guestKey(email)], ticketIds };
}

function guestKey(email: string): string {
  return requesterKey(OWN_SYSTEM, { kind: 'guest', email });
}
