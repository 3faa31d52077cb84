import { randomUUID } from 'node:crypto';
import { mailboxOf } from '@bellhop/contracts/persons';
import { networksAround } from '@bellhop/service';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Settings } from '../config.js';
import { limitsOf, type Purpose } from './budget.js';
import { deleteSpending } from './delete-spending.js';
import { insertSpending } from './insert-spending.js';
import { lockBudgets } from './lock-budgets.js';
import { measure, type Shortage, type Spending } from './measure.js';
import { Turnstile } from './turnstile.js';

const ALARM_EVERY_MS = 60_000;
const NO_NETWORK = { narrow: null, network: null, wide: null, widest: null };

/** There is no room for so many seconds. */
export interface Refused {
  readonly retryAfterSeconds: number;
}

/** Either it is spent, under an id by which it can be taken back, or not. */
export type Spent = { readonly id: string } | Refused;

export interface SpendingRequest {
  readonly purpose: Purpose;
  readonly email?: string;
  readonly network?: string | undefined;
}

/** What is sent and tried, shared by all replicas. */
@Injectable()
export class BudgetsService {
  private readonly log = new Logger(BudgetsService.name);
  private readonly turnstile = new Turnstile();
  private alarmedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /** Counts, and commits, before anything is done that counts: what is done and not counted could be done again and again. */
  spend(request: SpendingRequest): Promise<Spent> {
    return this.inTurn(request, () => this.dataSource.transaction((manager) => this.spendWithin(manager, request)));
  }

  /** Null when there is room, as far as can be seen without counting. */
  shortageOf(request: SpendingRequest): Promise<Refused | null> {
    return this.inTurn(request, async () => null);
  }

  /** Has `work` spend in a transaction of its own, if there seems to be room; a flood that will be refused is turned away here. */
  inTurn<T>(request: SpendingRequest, work: () => Promise<T>): Promise<T | Refused> {
    const spending = this.spendingOf(request);
    const key = laneOf(spending);
    return this.turnstile.pass(key, async () => {
      const seconds = this.turnstile.refusedFor(key);
      if (seconds !== null) return { retryAfterSeconds: seconds };
      const shortage = await this.measure(this.dataSource.manager, spending);
      if (!shortage) return work();
      if (shortage.scope === 'address') this.turnstile.remember(key, shortage.seconds);
      return { retryAfterSeconds: shortage.seconds };
    });
  }

  /** Spends in the caller's transaction, for what is committed together with it. */
  async spendWithin(manager: EntityManager, request: SpendingRequest): Promise<Spent> {
    const spending = this.spendingOf(request);
    await lockBudgets(manager, spending);
    const shortage = await this.measure(manager, spending);
    if (shortage) return { retryAfterSeconds: shortage.seconds };
    const id = randomUUID();
    await insertSpending(manager, id, spending);
    return { id };
  }

  /** For what certainly did not happen. If it fails, that counts for a while; whoever asked is answered all the same. */
  async refund({ id }: { readonly id: string }): Promise<void> {
    await deleteSpending(this.dataSource.manager, id).catch((error: unknown) =>
      this.log.warn({ message: 'what was not used up could not be given back', error: String(error) }),
    );
  }

  /** Addresses are kept as keyed hashes: nobody who has the table alone can try which they are. */
  private spendingOf({ purpose, email, network }: SpendingRequest): Spending {
    const mailbox = email === undefined ? null : mailboxOf(email);
    const hashOf = (scope: 'address' | 'stem' | 'domain') => {
      const text = mailbox?.[scope] ?? null;
      return text === null ? null : this.settings.keys.newest.mac('budget', scope, text);
    };
    return {
      purpose,
      addressHash: hashOf('address'),
      stemHash: hashOf('stem'),
      domainHash: hashOf('domain'),
      ...(network === undefined ? NO_NETWORK : networksAround(network)),
    };
  }

  private async measure(manager: EntityManager, spending: Spending): Promise<Shortage | null> {
    const shortage = await measure(manager, spending, limitsOf(spending.purpose, this.settings.budgets));
    if (shortage?.scope === 'instance') this.alarm(spending.purpose);
    return shortage;
  }

  /** Once a minute: it concerns everybody, and whoever caused it asks many times a second. */
  private alarm(purpose: Purpose): void {
    const now = performance.now();
    if (now < this.alarmedAt + ALARM_EVERY_MS) return;
    this.alarmedAt = now;
    const message =
      'all guests together are over their budget: networks that have asked within a day are refused until it is over; is somebody asking for codes in the name of others?';
    this.log.warn({ message, purpose });
  }
}

/** Who waits for whom: those of one address, or of one network where there is no address. */
function laneOf({ purpose, addressHash, network }: Spending): string {
  return `${purpose} ${addressHash?.toString('hex') ?? network}`;
}
