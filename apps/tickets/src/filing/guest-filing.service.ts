import type { FileTicketRequest, FileTicketResponse } from '@bellhop/contracts/http';
import { type Guest, normaliseAddress } from '@bellhop/contracts/persons';
import type { RpcResponse } from '@bellhop/contracts/rpc';
import { RpcClient, RpcError } from '@bellhop/jetstream';
import { Answer, answeredBefore, forgetAnswer, type IdempotentRequest, idempotent } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Files } from '../attachments/attach.js';
import { budgetsOf } from '../budgets/network-budgets.js';
import { forgetGuests } from '../guests/forget-guests.js';
import { personKey } from '../people/person.js';
import { fileTicket } from '../tickets/file-ticket.js';
import { beginFiling } from './begin-filing.js';
import { askedAtThisMoment, nobodyCanAsk, overBudget, perhapsAsked } from './filing-problems.js';
import { FilingRoom } from './filing-room.js';
import { findChallenge } from './find-challenge.js';
import { leaseFiling } from './lease-filing.js';
import { recordChallenge } from './record-challenge.js';
import { releaseFiling } from './release-filing.js';
import { rememberGuest } from './remember-guest.js';
import { withdrawTicket } from './withdraw-ticket.js';

/** Longer than an RPC takes (3 s), with what comes before and after it. */
const LEASE_MS = 10_000;

export interface GuestFiling {
  readonly guest: Guest;
  readonly request: FileTicketRequest;
  readonly files: Files;
  /** The code works in this browser only. */
  readonly browser: string;
  readonly network: string;
}

/** One attempt to have the address proven: nobody else requests a challenge before `leasedUntil`. */
interface Question extends GuestFiling {
  readonly ticket: FileTicketResponse;
  readonly leasedUntil: Date;
}

/**
 * Files tickets of guests. The ticket is committed first, unverified; then `guest-auth` is requested to send a code, so that no
 * connection waits for another app. The reply decides whether the ticket stays: docs/adr/filing-as-a-guest.md.
 */
@Injectable()
export class GuestFilingService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rpc: RpcClient,
    private readonly room: FilingRoom,
  ) {}

  /** @throws Problem 429 `over_budget`; 503 when no code can be sent, or nobody knows; 409 `request_in_progress` */
  async file(filing: GuestFiling, once: IdempotentRequest): Promise<Answer> {
    await this.refuseWithoutRoom(filing, once);
    const leasedUntil = new Date(Date.now() + LEASE_MS);
    const stored = await this.stored(filing, leasedUntil, once);
    const ticket = stored.body as FileTicketResponse;
    const known = stored.isReplayed ? await this.resumed(ticket.id, leasedUntil) : null;
    const challengeId = known ?? (await this.asked({ ...filing, ticket, leasedUntil }, once));
    return new Answer(stored.status, { ...ticket, challengeId }, stored.isReplayed);
  }

  /** Before anything is written. An earlier filing is continued even if its own code has used up the budget. */
  private async refuseWithoutRoom(filing: GuestFiling, once: IdempotentRequest): Promise<void> {
    const refusal = await this.room.refusalOf(filing);
    if (refusal && !(await answeredBefore(this.dataSource.manager, once))) throw refusal;
  }

  /** The answer kept under the idempotency key is the ticket without its challenge, which is not known yet. */
  private stored(
    { guest, request, files, network }: GuestFiling,
    leasedUntil: Date,
    once: IdempotentRequest,
  ): Promise<Answer> {
    return this.dataSource.transaction((manager) =>
      idempotent(manager, once, async () => {
        const now = new Date();
        const key = personKey(guest);
        const networks = budgetsOf(network).map((budget) => budget.network);
        await rememberGuest(manager, key, normaliseAddress(guest.email), now);
        await this.room.check(manager, key, network);
        const body = await fileTicket(manager, { requester: guest, request, files, now });
        await beginFiling(manager, body.id, leasedUntil, networks);
        return { status: 201, body };
      }),
    );
  }

  /** Null: the caller is to request a challenge, again or for the first time. */
  private async resumed(ticketId: string, leasedUntil: Date): Promise<string | null> {
    const { manager } = this.dataSource;
    if (await leaseFiling(manager, ticketId, new Date(), leasedUntil)) return null;
    const challengeId = await findChallenge(manager, ticketId);
    // Without a filing the ticket has just been withdrawn: the next repetition finds its key free and files again.
    if (!challengeId) throw askedAtThisMoment();
    return challengeId;
  }

  private async asked(question: Question, once: IdempotentRequest): Promise<string> {
    const { ticket, leasedUntil } = question;
    const challenge = await this.opened(question).catch(async (error: unknown) => {
      if (!(error instanceof RpcError)) throw error;
      throw await this.failed(question, error, once);
    });
    if (await recordChallenge(this.dataSource.manager, ticket.id, challenge, leasedUntil)) return challenge.challengeId;
    throw askedAtThisMoment();
  }

  private opened({ guest, ticket, browser, network }: Question): Promise<RpcResponse<'openChallenge'>> {
    return this.rpc.request('openChallenge', {
      purpose: 'filing',
      ticketId: ticket.id,
      email: guest.email,
      number: ticket.number,
      ...(guest.locale && { locale: guest.locale }),
      browser,
      network,
    });
  }

  /** If certainly no code was sent, the ticket is deleted again and its key is free. */
  private async failed({ ticket, leasedUntil }: Question, error: RpcError, once: IdempotentRequest): Promise<Error> {
    const isOverBudget = error.kind === 'refused' && error.code === 'over_budget';
    if (!isOverBudget && !error.isUndelivered) {
      await releaseFiling(this.dataSource.manager, ticket.id, leasedUntil, new Date());
      return perhapsAsked(error);
    }
    await this.withdraw(ticket.id, leasedUntil, once);
    return isOverBudget ? overBudget(error.retryAfterSeconds, error) : nobodyCanAsk(error);
  }

  private withdraw(ticketId: string, leasedUntil: Date, once: IdempotentRequest): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      const guestKey = await withdrawTicket(manager, ticketId, leasedUntil);
      if (guestKey === null) return;
      await forgetAnswer(manager, once);
      await forgetGuests(manager, [guestKey]);
    });
  }
}
