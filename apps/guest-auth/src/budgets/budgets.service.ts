import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Settings } from '../settings.js';
import { bucketOf, limitsOf, type Purpose } from './budget.js';
import { deleteSpending } from './delete-spending.js';
import { insertSpending } from './insert-spending.js';
import { lockBudgets } from './lock-budgets.js';
import { measure, type Spending } from './measure.js';

/** Either it is spent, under an id by which it can be taken back, or there is no room for so many seconds. */
export type Spent = { readonly id: string } | { readonly retryAfterSeconds: number };

export interface SpendingRequest {
  readonly purpose: Purpose;
  readonly email?: string;
  readonly network?: string | undefined;
}

/** What is sent and tried, shared by all replicas. */
@Injectable()
export class BudgetsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /** Counts, and commits, before anything is done that counts: what is done and not counted could be done again and again. */
  async spend(request: SpendingRequest): Promise<Spent> {
    // Without a lock, so that a flood of requests that will be refused does not wait for one, each with a connection.
    const retryAfterSeconds = await this.wait(this.dataSource.manager, spendingOf(request), request.purpose);
    if (retryAfterSeconds > 0) return { retryAfterSeconds };
    return this.dataSource.transaction((manager) => this.spendWithin(manager, request));
  }

  /** The same in the caller's transaction, for what is committed together with it. */
  async spendWithin(manager: EntityManager, request: SpendingRequest): Promise<Spent> {
    const spending = spendingOf(request);
    await lockBudgets(manager, spending);
    const retryAfterSeconds = await this.wait(manager, spending, request.purpose);
    if (retryAfterSeconds > 0) return { retryAfterSeconds };
    const id = randomUUID();
    await insertSpending(manager, id, spending);
    return { id };
  }

  /** For what certainly did not happen. */
  async refund({ id }: { readonly id: string }): Promise<void> {
    await deleteSpending(this.dataSource.manager, id);
  }

  private wait(manager: EntityManager, spending: Spending, purpose: Purpose): Promise<number> {
    return measure(manager, spending, limitsOf(purpose, this.settings.budgets));
  }
}

function spendingOf({ purpose, email, network }: SpendingRequest): Spending {
  return { purpose, addressHash: email === undefined ? null : bucketOf(email), network: network ?? null };
}
