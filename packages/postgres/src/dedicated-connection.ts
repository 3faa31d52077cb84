import type { PoolClient, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';
import { poolOf } from './data-source.js';

/**
 * A connection that its owner keeps to itself, because a session lock belongs to the connection. Taken from the pool of the
 * data source, so that it has the same settings; that pool has one less for others.
 */
export class DedicatedConnection {
  private lost: Error | undefined;
  private isClosed = false;
  private readonly onError = (error: Error) => {
    this.lost ??= error;
  };
  private readonly onEnd = () => this.onError(new Error('Connection terminated'));

  private constructor(private readonly client: PoolClient) {
    client.on('error', this.onError);
    client.on('end', this.onEnd);
  }

  static async open(dataSource: DataSource): Promise<DedicatedConnection> {
    return new DedicatedConnection(await poolOf(dataSource).connect());
  }

  /** Gives `work` a connection for as long as it runs. If it throws, the connection is closed, and its locks are gone. */
  static async use<T>(dataSource: DataSource, work: (connection: DedicatedConnection) => Promise<T>): Promise<T> {
    const connection = await DedicatedConnection.open(dataSource);
    let isBroken = true;
    try {
      const result = await work(connection);
      isBroken = false;
      return result;
    } finally {
      connection.close(isBroken);
    }
  }

  /** It takes no statements any more, and its locks are gone. */
  get isLost(): boolean {
    return this.lost !== undefined;
  }

  /**
   * Runs a prepared statement.
   * @throws what `pg` throws, and the connection's own error once it is lost
   */
  async query<R extends QueryResultRow>(name: string, text: string, values: unknown[]): Promise<R[]> {
    if (this.lost) throw this.lost;
    return (await this.client.query<R>({ name, text, values })).rows;
  }

  /**
   * Takes a session lock, held until {@link unlock} or until the connection ends, however it ends. Tries and does not wait: a
   * waiting statement would hold back vacuum for as long as it waits.
   * @param key a bigint; advisory locks are per database
   * @returns false when another session holds it
   */
  async tryLock(key: string): Promise<boolean> {
    const rows = await this.query<{ locked: boolean }>('try_lock', 'select pg_try_advisory_lock($1) as locked', [key]);
    return rows[0]?.locked === true;
  }

  async unlock(key: string): Promise<void> {
    await this.query('unlock', 'select pg_advisory_unlock($1)', [key]);
  }

  /** @param isBroken close the connection, and lose its locks, instead of returning it to the pool */
  close(isBroken: boolean): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const error = this.lost ?? (isBroken ? new Error('its owner gave this connection up') : undefined);
    this.client.release(error);
    // A broken connection may still emit errors while it closes; an 'error' event without a listener would crash the process.
    if (error) return;
    this.client.off('error', this.onError);
    this.client.off('end', this.onEnd);
  }
}
