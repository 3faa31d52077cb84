import { randomUUID } from 'node:crypto';
import { normaliseAddress } from '@bellhop/contracts/persons';
import { RPC_TIMEOUT_MS } from '@bellhop/contracts/rpc';
import { RpcClient, RpcError } from '@bellhop/jetstream';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BudgetsService } from '../budgets/budgets.service.js';
import { Settings } from '../config.js';
import { GuestMetrics } from '../guest-metrics.js';
import { newCode } from '../secrets/tokens.js';
import { type ChallengePurpose, CODE_LIFE_SECONDS } from './challenge.js';
import type { OpenedChallenge } from './challenge-view.js';
import { findStanding } from './find-standing.js';
import { replaceChallenge } from './replace-challenge.js';

/** Shorter than whoever asks us waits for the answer: they have to hear which challenge it is whose code may be on its way. */
const SENDING_MS = RPC_TIMEOUT_MS - 1_000;

/** Who is to prove which mailbox, and for what. */
export interface ChallengeRequest {
  readonly purpose: ChallengePurpose;
  readonly ticketId: string;
  /** As typed: the code goes there. */
  readonly email: string;
  readonly number: string;
  readonly locale?: string | undefined;
  readonly browserHash: Buffer;
  readonly network?: string | undefined;
  /** Of the link that asks. */
  readonly linkHash?: Buffer;
  /** SHA-256 of the `Idempotency-Key` that asks. */
  readonly askedWith?: Buffer | null;
}

export type Opening =
  | { readonly kind: 'opened'; readonly challenge: OpenedChallenge }
  | { readonly kind: 'over_budget'; readonly retryAfterSeconds: number }
  /** The code certainly was not sent, or the notifier says that it could not. */
  | { readonly kind: 'not_sent' };

/** Sends codes. */
@Injectable()
export class ChallengeOpener {
  private readonly log = new Logger(ChallengeOpener.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly budgets: BudgetsService,
    private readonly rpc: RpcClient,
    private readonly settings: Settings,
    private readonly metrics: GuestMetrics,
  ) {}

  /**
   * Sends a code, and then makes it the one that works: until then an earlier one of this browser does, and while no code can be
   * sent it keeps working.
   */
  async open(request: ChallengeRequest): Promise<Opening> {
    const opening = await this.tryToOpen(request);
    this.metrics.countChallenge(request.purpose, opening.kind);
    return opening;
  }

  private async tryToOpen(request: ChallengeRequest): Promise<Opening> {
    const spent = await this.budgets.spend(request);
    if ('retryAfterSeconds' in spent) return { kind: 'over_budget', ...spent };
    const { purpose, ticketId, browserHash, linkHash = null, askedWith = null } = request;
    const email = normaliseAddress(request.email);
    const [id, code] = [randomUUID(), newCode()];
    const expiresAt = await this.expiry();
    const failure = await this.send(request, { challengeId: id, code, expiresAt: expiresAt.toISOString() });
    if (failure) {
      if (failure.isUndelivered) await this.budgets.refund(spent);
      return { kind: 'not_sent' };
    }
    const { manager } = this.dataSource;
    const stands = await replaceChallenge(manager, {
      ...{ id, purpose, ticketId, browserHash, linkHash, expiresAt, askedWith },
      email,
      codeMac: this.settings.keys.newest.mac('code', id, code),
    });
    const later = stands ? null : await findStanding(manager, { purpose, ticketId, browserHash });
    return { kind: 'opened', challenge: later ?? { id, email, expiresAt } };
  }

  /** By the clock of the database, which is also asked whether it is over. */
  private async expiry(): Promise<Date> {
    const [{ at }]: [{ at: Date }] = await this.dataSource.query(
      `select date_trunc('milliseconds', now() + make_interval(secs => $1)) as at`,
      [CODE_LIFE_SECONDS],
    );
    return at;
  }

  /** Null when the code is on its way, or may be: after a timeout nobody knows, and the guest may have it. */
  private async send(
    { email, number, locale }: ChallengeRequest,
    code: { challengeId: string; code: string; expiresAt: string },
  ): Promise<RpcError | null> {
    try {
      const asked = { ...code, email, number, ...(locale && { locale }) };
      await this.rpc.request('sendCode', asked, { timeoutMs: SENDING_MS });
      return null;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.log.warn({ message: 'no answer to a code that was to be sent', kind: error.kind, code: error.code });
      return error.kind === 'timeout' ? null : error;
    }
  }
}
