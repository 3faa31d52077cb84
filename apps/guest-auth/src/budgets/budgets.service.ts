import { randomUUID } from 'node:crypto';
import { mailboxOf } from '@bellhop/contracts/persons';
import { networksAround } from '@bellhop/service';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Settings } from '../config.js';
import { limitsOf, type Purpose } from './budget.js';
import { KeyedMutex } from './keyed-mutex.js';
import { RefusalCache } from './refusal-cache.js';
import {
  deleteSpending,
  findShortage,
  insertSpending,
  lockBudgets,
  type Shortage,
  type Spending,
} from './spending-store.js';

const WARN_EVERY_MS = 60_000;
const NO_NETWORK = { narrow: null, network: null, wide: null, widest: null };

/** Over budget for so many seconds. */
export interface Refused {
  readonly retryAfterSeconds: number;
}

/** Counted, with the id for a refund, or refused. */
export type Spent = { readonly id: string } | Refused;

export interface SpendingRequest {
  readonly purpose: Purpose;
  readonly email?: string;
  readonly network?: string | undefined;
}

/** Limits how many mails are sent and codes guessed; all replicas share the counts. */
@Injectable()
export class BudgetsService {
  private readonly log = new Logger(BudgetsService.name);
  private readonly mutex = new KeyedMutex();
  private readonly refusals = new RefusalCache();
  private warnedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /** Counts and commits; call it before the action: an action that is done and not counted could be repeated without limit. */
  spend(request: SpendingRequest): Promise<Spent> {
    return this.runWithinBudget(request, () =>
      this.dataSource.transaction((manager) => this.spendWithin(manager, request)),
    );
  }

  /** Null if there is room now. Counts and reserves nothing. */
  check(request: SpendingRequest): Promise<Refused | null> {
    return this.runWithinBudget(request, async () => null);
  }

  /**
   * Runs `work`, which has to call `spendWithin` in a transaction, if there is room. A flood costs one connection per address: its requests run one
   * at a time, and after a refusal the next ones are refused from memory for a second.
   */
  runWithinBudget<T>(request: SpendingRequest, work: () => Promise<T>): Promise<T | Refused> {
    const spending = this.spendingOf(request);
    const key = mutexKeyOf(spending);
    return this.mutex.run(key, async () => {
      const seconds = this.refusals.secondsLeft(key);
      if (seconds !== null) return { retryAfterSeconds: seconds };
      const shortage = await this.shortageOf(this.dataSource.manager, spending);
      if (!shortage) return work();
      if (shortage.scope === 'address') this.refusals.add(key, shortage.seconds);
      return { retryAfterSeconds: shortage.seconds };
    });
  }

  /** Counts in the caller's transaction, together with what it commits. */
  async spendWithin(manager: EntityManager, request: SpendingRequest): Promise<Spent> {
    const spending = this.spendingOf(request);
    await lockBudgets(manager, spending);
    const shortage = await this.shortageOf(manager, spending);
    if (shortage) return { retryAfterSeconds: shortage.seconds };
    const id = randomUUID();
    await insertSpending(manager, id, spending);
    return { id };
  }

  /** For an action that certainly did not happen. If the refund fails, the spending counts until its limits have passed; the request goes on. */
  async refund({ id }: { readonly id: string }): Promise<void> {
    await deleteSpending(this.dataSource.manager, id).catch((error: unknown) =>
      this.log.warn({ message: 'a spending was not refunded: it counts for up to a day', error, spendingId: id }),
    );
  }

  /** Addresses are stored as keyed hashes: the table alone does not allow anybody to guess them. */
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

  private async shortageOf(manager: EntityManager, spending: Spending): Promise<Shortage | null> {
    const shortage = await findShortage(manager, spending, limitsOf(spending.purpose, this.settings.budgets));
    if (shortage?.scope === 'instance') this.warnOfFlood(spending.purpose, shortage.seconds);
    return shortage;
  }

  /** Once a minute: one warning is enough for everybody, and such a flood has many requests a second. */
  private warnOfFlood(purpose: Purpose, retryAfterSeconds: number): void {
    const now = performance.now();
    if (now < this.warnedAt + WARN_EVERY_MS) return;
    this.warnedAt = now;
    const message =
      'all guests together are over budget: networks that were seen within a day are refused until it ends; is somebody requesting codes in the name of others?';
    this.log.warn({ message, purpose, retryAfterSeconds });
  }
}

/** Requests for one address run one at a time; without an address, those of one network. */
function mutexKeyOf({ purpose, addressHash, network }: Spending): string {
  return `${purpose} ${addressHash?.toString('hex') ?? network}`;
}
