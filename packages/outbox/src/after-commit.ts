import type { EntitySubscriberInterface, QueryRunner, TransactionCommitEvent, TransactionRollbackEvent } from 'typeorm';

/** Connections whose open transaction has appended events. */
const withNewEvents = new WeakSet<QueryRunner>();

/** Once the transaction of `runner` has committed, the relay of this process reads the outbox without waiting for its poll. */
export function wakeRelayAfterCommit(runner: QueryRunner): void {
  withNewEvents.add(runner);
}

/**
 * TypeORM reports a released savepoint like a commit; only when no transaction is left open have rows become visible to
 * others.
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
