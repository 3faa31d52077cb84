import { randomUUID } from 'node:crypto';
import type { BellhopEvent } from '@bellhop/contracts/events';
import { appendEvents } from '@bellhop/outbox';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { BudgetsService } from '../budgets/budgets.service.js';
import { Settings } from '../config.js';
import { GuestMetrics } from '../guest-metrics.js';
import { hashOf, newToken } from '../secrets/tokens.js';
import { beginSession, type NewSession } from '../sessions/begin-session.js';
import { endSession } from '../sessions/end-session.js';
import { forgetLostSession } from '../sessions/forget-lost-session.js';
import { renewSession } from '../sessions/renew-session.js';
import { judge } from './challenge.js';
import { type CountedTry, countTry } from './count-try.js';
import { spendCode } from './spend-code.js';

/** A code as somebody types it. */
export interface Attempt {
  readonly challengeId: string;
  readonly code: string;
  readonly browserHash: Buffer;
  readonly network: string;
  /** SHA-256 of the session that this browser has. */
  readonly session: Buffer | null;
  /** SHA-256 of the `Idempotency-Key`. */
  readonly spentWith: Buffer | null;
}

export type Verification =
  | { readonly kind: 'right'; readonly ticketId: string; readonly token: string }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'gone' }
  | { readonly kind: 'too_many'; readonly retryAfterSeconds: number };

const SOURCE = 'urn:bellhop:guest-auth';

/** Checks codes. */
@Injectable()
export class Verifier {
  constructor(
    private readonly dataSource: DataSource,
    private readonly budgets: BudgetsService,
    private readonly settings: Settings,
    private readonly metrics: GuestMetrics,
  ) {}

  async verify(attempt: Attempt): Promise<Verification> {
    const verification = await this.check(attempt);
    this.metrics.countVerification(verification.kind);
    return verification;
  }

  /**
   * Looks first: a right code is let in whatever others have guessed, or whoever guesses could lock them out. Each code is looked
   * at five times only, which `look` counts before it looks. Only a wrong one is a guess: what is gone has told nothing.
   */
  private async check(attempt: Attempt): Promise<Verification> {
    const verification = await this.look(attempt);
    if (verification.kind !== 'wrong') return verification;
    const guess = await this.budgets.spend({ purpose: 'guess', network: attempt.network });
    return 'retryAfterSeconds' in guess ? { kind: 'too_many', ...guess } : verification;
  }

  private async look(attempt: Attempt): Promise<Verification> {
    const tried = await countTry(this.dataSource.manager, attempt.challengeId, attempt.browserHash);
    if (!tried) return { kind: 'gone' };
    const isRepeated = attempt.spentWith !== null && tried.spentWith?.equals(attempt.spentWith) === true;
    const isRight = this.settings.keys.recognise(tried.codeMac, 'code', attempt.challengeId, attempt.code);
    const verdict = judge({ ...tried, isRepeated }, isRight);
    return verdict.kind === 'right' ? this.accept(attempt, tried) : verdict;
  }

  /** Spends the code, opens the session and tells of the proven address, all or nothing. */
  private async accept(attempt: Attempt, { purpose, ticketId, email }: CountedTry): Promise<Verification> {
    const token = newToken();
    const session = { id: attempt.challengeId, tokenHash: hashOf(token), email, ticketId };
    const isAccepted = await this.dataSource.transaction(async (manager) => {
      const spent = await spendCode(manager, attempt.challengeId, attempt.spentWith);
      if (!spent) return false;
      // The browser has gone on meanwhile, with another code of this guest: what was lost must not be in the way of that session.
      if (spent === 'again' && attempt.session) await forgetLostSession(manager, session.id, attempt.session);
      await newSession(manager, session, attempt.session);
      if (purpose === 'filing' && spent === 'first') {
        await appendEvents(manager, [addressProven(ticketId, attempt.challengeId)]);
      }
      return true;
    });
    return isAccepted ? { kind: 'right', ticketId, token } : { kind: 'gone' };
  }
}

/** The token that the browser had before proves nothing from now on (session fixation). */
async function newSession(manager: EntityManager, session: NewSession, former: Buffer | null): Promise<void> {
  if (former && (await renewSession(manager, former, session))) return;
  if (former) await endSession(manager, former);
  await beginSession(manager, session);
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
