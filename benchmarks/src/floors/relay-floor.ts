import { createInbox, headers } from '@nats-io/transport-node';
import type pg from 'pg';
import { QUIET } from '../world/events.js';
import { fillOutbox } from '../world/outbox.js';
import type { World } from '../world/world.js';

const BATCH = 500;

interface Row {
  readonly id: string;
  readonly event_id: string;
  readonly subject: string;
  readonly data: string;
}

/**
 * The bare loop of the relay: reads 500 rows, publishes them, waits for the acknowledgements and marks the rows, while it reads the next
 * ones. It uses an outbox of its own.
 */
export class RelayFloor {
  private constructor(
    private readonly world: World,
    private readonly database: pg.Client,
  ) {}

  static async prepare(world: World): Promise<RelayFloor> {
    return new RelayFloor(world, await world.client(await world.spareDatabase()));
  }

  /** @returns events per second */
  async publish(count: number): Promise<number> {
    await fillOutbox(this.database, count, QUIET);
    const startedAt = performance.now();
    let marking: Promise<unknown> = Promise.resolve();
    let rows = await this.read('0');
    while (rows.length > 0) {
      const next = this.read(rows.at(-1)?.id ?? '0');
      const [sequences] = await Promise.all([this.send(rows), marking]);
      marking = this.mark(rows, sequences);
      rows = await next;
    }
    await marking;
    return count / ((performance.now() - startedAt) / 1_000);
  }

  private async read(after: string): Promise<Row[]> {
    const sql = `select id, event_id, subject, data from outbox where published_at is null and id > $1 order by id limit ${BATCH}`;
    return (await this.database.query<Row>({ name: 'read', text: sql, values: [after] })).rows;
  }

  private send(rows: readonly Row[]): Promise<number[]> {
    const { connection } = this.world;
    const inbox = createInbox();
    const sequences = new Array<number>(rows.length);
    let left = rows.length;
    return new Promise((resolve, reject) => {
      const subscription = connection.subscribe(`${inbox}.*`, {
        callback: (error, message) => {
          if (error) return reject(error);
          sequences[Number(message.subject.slice(inbox.length + 1))] = message.json<{ seq: number }>().seq;
          if (--left > 0) return;
          subscription.unsubscribe();
          resolve(sequences);
        },
      });
      for (const [index, { event_id: id, subject, data }] of rows.entries()) {
        const named = headers();
        named.set('Nats-Msg-Id', id);
        connection.publish(subject, data, { reply: `${inbox}.${index}`, headers: named });
      }
    });
  }

  private mark(rows: readonly Row[], sequences: readonly number[]): Promise<unknown> {
    return this.database.query({
      name: 'mark',
      text: `update outbox o set published_at = now(), stream = 'TICKETS', sequence = p.sequence
             from unnest($1::bigint[], $2::bigint[]) as p (id, sequence) where o.id = p.id`,
      values: [rows.map(({ id }) => id), sequences],
    });
  }
}
