import type { DedicatedConnection } from '@bellhop/postgres';
import { markPublished, type PublishedRow } from '../sql/mark-published.js';
import { readUnpublished, type UnpublishedRow } from '../sql/read-unpublished.js';
import type { EventPublisher, RelayOutcome } from './ports.js';
import type { StreamGuard } from './stream-guard.js';

/** After this long a pass ends, so that a row whose transaction committed late is not left behind by a steady stream. */
const MAX_PASS_MS = 500;

export interface PassOptions {
  session: DedicatedConnection;
  publisher: EventPublisher;
  batchSize: number;
  signal: AbortSignal;
  /** Has looked at the streams, and hears of every acknowledgement. */
  guard: Pick<StreamGuard, 'hear' | 'isDue'>;
  /** Called with how many, once they are marked. */
  onPublished(count: number): void;
}

export interface PassResult {
  isMoreWaiting: boolean;
  /** The first reason why an event was not published. It stays in the outbox, and the pass ended there. */
  failure?: Error;
}

/**
 * Publishes what is unpublished, from the lowest id on, until nothing is left. The next batch is read and the last one
 * is marked while this one is on its way.
 *
 * @throws what Postgres throws; what was published and not marked will be published again under the same id
 */
export async function publishPass(options: PassOptions): Promise<PassResult> {
  const { session, batchSize, signal, guard } = options;
  const endsAt = Date.now() + MAX_PASS_MS;
  let marking = heard(Promise.resolve());
  let batch = await readUnpublished(session, '0', batchSize);
  for (;;) {
    const isFull = batch.length === batchSize;
    const from = batch.at(-1)?.id ?? '0';
    // One connection runs one statement at a time: pg will not queue them for much longer.
    const next = heard(marking.then(() => (isFull ? readUnpublished(session, from, batchSize) : [])));
    const [outcomes] = await Promise.all([publish(options.publisher, batch), marking]);
    const published = batch;
    marking = heard(next.catch(() => undefined).then(() => mark(options, published, outcomes)));
    const failure = outcomes.find((outcome) => !outcome.ok)?.error;
    if (!isFull || failure || guard.isDue || signal.aborted || Date.now() > endsAt) {
      await Promise.all([marking, next]);
      return { isMoreWaiting: isFull, ...(failure ? { failure } : {}) };
    }
    batch = await next;
  }
}

/** The promise is awaited later; without a listener until then, its failure would end the process. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

async function publish(publisher: EventPublisher, batch: readonly UnpublishedRow[]): Promise<readonly RelayOutcome[]> {
  if (batch.length === 0) return [];
  // failpoint: relay.read
  const outcomes = await publisher.publish(
    batch.map((row) => ({ subject: row.subject, id: row.event_id, data: Buffer.from(row.data) })),
  );
  // failpoint: relay.published
  return outcomes;
}

async function mark(options: PassOptions, batch: readonly UnpublishedRow[], outcomes: readonly RelayOutcome[]) {
  const rows = batch.flatMap<PublishedRow>((row, index) => {
    const outcome = outcomes[index];
    return outcome?.ok && options.guard.hear(row.event_id, outcome)
      ? [{ id: row.id, stream: outcome.stream, sequence: outcome.sequence }]
      : [];
  });
  if (rows.length === 0) return;
  await markPublished(options.session, rows);
  // failpoint: relay.marked
  options.onPublished(rows.length);
}
