import { randomUUID } from 'node:crypto';
import type { BellhopEvent } from '@bellhop/contracts/events';
import { appendEvents } from '@bellhop/outbox';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BudgetsService, type Refused } from '../budgets/budgets.service.js';
import { Settings } from '../config.js';
import { GuestMetrics } from '../guest-metrics.js';
import { hashOf, newToken } from '../secrets/tokens.js';
import { deleteLostSession, openSession } from '../sessions/session-store.js';
import { checkCode } from './challenge.js';
import { type CountedTry, countTry, spendCode } from './challenge-store.js';

/** A code as somebody typed it. */
export interface TypedCode {
  readonly challengeId: string;
  readonly code: string;
  readonly browserHash: Buffer;
  readonly network: string;
  /** SHA-256 of the session token of this browser; null without a session. */
  readonly sessionHash: Buffer | null;
  /** SHA-256 of the `Idempotency-Key`. */
  readonly requestKeyHash: Buffer | null;
}

export type Verification =
  | { readonly kind: 'right'; readonly ticketId: string; readonly token: string }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'gone' }
  | ({ readonly kind: 'too_many' } & Refused);

const SOURCE = 'urn:bellhop:guest-auth';

/** Verifies codes. */
@Injectable()
export class Verifier {
  constructor(
    private readonly dataSource: DataSource,
    private readonly budgets: BudgetsService,
    private readonly settings: Settings,
    private readonly metrics: GuestMetrics,
  ) {}

  async verify(typed: TypedCode): Promise<Verification> {
    const verification = await this.checkWithinBudget(typed);
    this.metrics.countVerification(verification.kind);
    return verification;
  }

  /**
   * Checks the code before the budget: a right code is accepted however many others have guessed, or guessing would lock guests out. Only a
   * wrong code counts as a guess; one that is gone reveals nothing. Each challenge allows five tries, counted before the code is compared.
   */
  private async checkWithinBudget(typed: TypedCode): Promise<Verification> {
    const verification = await this.check(typed);
    if (verification.kind !== 'wrong') return verification;
    const guess = await this.budgets.spend({ purpose: 'guess', network: typed.network });
    return 'retryAfterSeconds' in guess ? { kind: 'too_many', ...guess } : verification;
  }

  private async check(typed: TypedCode): Promise<Verification> {
    const { challengeId, code, requestKeyHash } = typed;
    const tried = await countTry(this.dataSource.manager, challengeId, typed.browserHash, requestKeyHash);
    if (!tried) return { kind: 'gone' };
    const isRight = this.settings.keys.recognise(tried.codeMac, 'code', challengeId, code);
    const result = checkCode(tried, isRight);
    return result.kind === 'right' ? this.accept(typed, tried) : result;
  }

  /** Spends the code, opens the session and publishes that the address is proven, in one transaction. */
  private async accept(typed: TypedCode, { purpose, ticketId, email }: CountedTry): Promise<Verification> {
    const token = newToken();
    const session = { id: typed.challengeId, tokenHash: hashOf(token), email, ticketId };
    const isAccepted = await this.dataSource.transaction(async (manager) => {
      const spent = await spendCode(manager, typed.challengeId, typed.requestKeyHash);
      if (!spent) return false;
      // If the browser has opened another session meanwhile, renewing that one gives it this id: the lost session must free it first.
      if (spent === 'again' && typed.sessionHash) await deleteLostSession(manager, session.id, typed.sessionHash);
      await openSession(manager, session, typed.sessionHash);
      if (purpose === 'filing' && spent === 'first') {
        await appendEvents(manager, [addressProven(ticketId, typed.challengeId)]);
      }
      return true;
    });
    return isAccepted ? { kind: 'right', ticketId, token } : { kind: 'gone' };
  }
}

function addressProven(ticketId: string, challengeId: string): BellhopEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: SOURCE,
    type: 'guest.address_proven.v1',
    subject: ticketId,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: { ticketId, challengeId },
  };
}
