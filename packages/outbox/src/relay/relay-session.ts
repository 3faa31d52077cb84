import type { Pool, PoolClient, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';

/** A statement that takes longer means a connection that is dead without knowing it. */
const QUERY_TIMEOUT_MS = 30_000;

/**
 * A connection that the relay keeps to itself, because the lock that makes it the only one belongs to the connection.
 * Taken from the pool of the data source, so that it has the same settings; that pool has one less for others.
 */
export class RelaySession {
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

  static async open(dataSource: DataSource): Promise<RelaySession> {
    const pool = (dataSource.driver as unknown as { master: Pool }).master;
    return new RelaySession(await pool.connect());
  }

  /** Nothing can be asked on it any more, and the lock is gone. */
  get isLost(): boolean {
    return this.lost !== undefined;
  }

  /** @throws what `pg` throws, and the connection's own error once it is lost */
  async query<R extends QueryResultRow>(name: string, text: string, values: unknown[]): Promise<R[]> {
    if (this.lost) throw this.lost;
    const statement = { name, text, values, query_timeout: QUERY_TIMEOUT_MS };
    return (await this.client.query<R>(statement)).rows;
  }

  /** @param isBroken throw the connection away, and the lock with it, instead of giving it back to the pool */
  close(isBroken: boolean): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const error = this.lost ?? (isBroken ? new Error('the outbox relay gave this connection up') : undefined);
    this.client.release(error);
    // A broken connection may still report errors while it closes; unheard, they would end the process.
    if (error) return;
    this.client.off('error', this.onError);
    this.client.off('end', this.onEnd);
  }
}
