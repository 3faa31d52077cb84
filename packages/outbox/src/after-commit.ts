import type { EntitySubscriberInterface, QueryRunner, TransactionCommitEvent, TransactionRollbackEvent } from 'typeorm';

/** Connections whose open transaction has appended events. */
const withNewEvents = new WeakSet<QueryRunner>();

/** Once the transaction of `runner` has committed, the relay of this process looks at the outbox without waiting for its poll. */
export function wakeRelayAfterCommit(runner: QueryRunner): void {
  withNewEvents.add(runner);
}

/**
 * TypeORM tells of releasing a savepoint in the same words as of a commit; only when no transaction is left open has
 * anything become visible to others.
 */
export class CommitSubscriber implements EntitySubscriberInterface {
  constructor(private readonly wake: () => void) {}

  afterTransactionCommit({ queryRunner }: TransactionCommitEvent): void {
    if (!queryRunner.isTransactionActive && withNewEvents.delete(queryRunner)) this.wake();
  }

  afterTransactionRollback({ queryRunner }: TransactionRollbackEvent): void {
    if (!queryRunner.isTransactionActive) withNewEvents.delete(queryRunner);
  }
}
