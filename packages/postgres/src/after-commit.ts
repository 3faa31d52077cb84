import type {
  EntityManager,
  EntitySubscriberInterface,
  QueryRunner,
  TransactionCommitEvent,
  TransactionRollbackEvent,
} from 'typeorm';
import { requireTransaction } from './require-transaction.js';

/**
 * What open transactions have done, handed over in this process once they have committed. A crash in between loses it, so it may only
 * hasten what happens anyway.
 */
export class AfterCommit<Note> {
  private readonly notes = new WeakMap<QueryRunner, Note[]>();

  /** @throws PostgresUsageError `no_transaction` outside a transaction */
  note(manager: EntityManager, note: Note): void {
    const runner = requireTransaction(manager, 'AfterCommit.note');
    const notes = this.notes.get(runner);
    if (notes) notes.push(note);
    else this.notes.set(runner, [note]);
  }

  /**
   * For the `subscribers` of a data source. TypeORM reports a released savepoint like a commit; only when no transaction is left open have
   * rows become visible to others.
   * @param handOver must not throw: the transaction would seem to have failed
   */
  subscriber(handOver: (notes: readonly Note[]) => void): EntitySubscriberInterface {
    return {
      afterTransactionCommit: ({ queryRunner }: TransactionCommitEvent) => {
        const notes = queryRunner.isTransactionActive ? undefined : this.notes.get(queryRunner);
        this.forget(queryRunner);
        if (notes) handOver(notes);
      },
      afterTransactionRollback: ({ queryRunner }: TransactionRollbackEvent) => this.forget(queryRunner),
    };
  }

  private forget(runner: QueryRunner): void {
    if (!runner.isTransactionActive) this.notes.delete(runner);
  }
}
