import { randomUUID } from 'node:crypto';
import { normaliseAddress } from '@bellhop/contracts/persons';
import { RPC_TIMEOUT_MS } from '@bellhop/contracts/rpc';
import { RpcClient, RpcError } from '@bellhop/jetstream';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BudgetsService, type Refused } from '../budgets/budgets.service.js';
import { Settings } from '../config.js';
import { GuestMetrics } from '../guest-metrics.js';
import { newCode } from '../secrets/tokens.js';
import { type ChallengePurpose, CODE_LIFE_SECONDS, type OpenChallenge } from './challenge.js';
import { findCurrent, replaceChallenge } from './challenge-store.js';

/** Shorter than our own caller waits: after a timeout here, the caller must still learn the id of the challenge whose code may have been sent. */
const SEND_TIMEOUT_MS = RPC_TIMEOUT_MS - 1_000;

/** Who has to prove which mailbox, and for what. */
export interface ChallengeRequest {
  readonly purpose: ChallengePurpose;
  readonly ticketId: string;
  /** As typed: the code is sent there. */
  readonly email: string;
  readonly number: string;
  readonly locale?: string | undefined;
  readonly browserHash: Buffer;
  readonly network?: string | undefined;
  /** SHA-256 of the link, if one was followed. */
  readonly linkHash?: Buffer;
  /** SHA-256 of the request's `Idempotency-Key`. */
  readonly requestKeyHash?: Buffer | null;
}

export type OpenResult =
  | { readonly kind: 'opened'; readonly challenge: OpenChallenge }
  | ({ readonly kind: 'over_budget' } & Refused)
  /** The code was certainly not sent, or the notifier answered that it could not send it. */
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
   * Sends a code, and only then stores it as the valid one. Until then the previous code of this browser stays valid, also when the new one
   * cannot be sent.
   */
  async open(request: ChallengeRequest): Promise<OpenResult> {
    const result = await this.tryToOpen(request);
    this.metrics.countChallenge(request.purpose, result.kind);
    return result;
  }

  private async tryToOpen(request: ChallengeRequest): Promise<OpenResult> {
    const spent = await this.budgets.spend(request);
    if ('retryAfterSeconds' in spent) return { kind: 'over_budget', ...spent };
    const { purpose, ticketId, browserHash, linkHash = null, requestKeyHash = null } = request;
    const [id, code] = [randomUUID(), newCode()];
    const expiresAt = await this.expiry();
    const failure = await this.send(request, { challengeId: id, code, expiresAt: expiresAt.toISOString() });
    if (failure) {
      if (failure.isUndelivered) await this.budgets.refund(spent);
      return { kind: 'not_sent' };
    }
    const { manager } = this.dataSource;
    const challenge = { id, email: normaliseAddress(request.email), expiresAt };
    const isStored = await replaceChallenge(manager, {
      ...{ ...challenge, purpose, ticketId, browserHash, linkHash, requestKeyHash },
      codeMac: this.settings.keys.newest.mac('code', id, code),
    });
    const later = isStored ? null : await findCurrent(manager, { purpose, ticketId, browserHash });
    return { kind: 'opened', challenge: later ?? challenge };
  }

  /** By the clock of the database, which also decides later whether the code has expired. */
  private async expiry(): Promise<Date> {
    const [{ at }]: [{ at: Date }] = await this.dataSource.query(
      `select date_trunc('milliseconds', now() + make_interval(secs => $1)) as at`,
      [CODE_LIFE_SECONDS],
    );
    return at;
  }

  /** Null if the code was sent, or may have been: after a timeout it may be in the mailbox, so it has to work. */
  private async send(
    { email, number, locale, ticketId }: ChallengeRequest,
    code: { challengeId: string; code: string; expiresAt: string },
  ): Promise<RpcError | null> {
    try {
      const mail = { ...code, email, number, ...(locale && { locale }) };
      await this.rpc.request('sendCode', mail, { timeoutMs: SEND_TIMEOUT_MS });
      return null;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const isTimeout = error.kind === 'timeout';
      const message = isTimeout
        ? 'the notifier did not answer in time: the code counts as sent'
        : 'sending a code failed: the guest is told to request another';
      this.log.warn({ message, error, kind: error.kind, code: error.code, challengeId: code.challengeId, ticketId });
      return isTimeout ? null : error;
    }
  }
}
