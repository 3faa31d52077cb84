import type { DedicatedConnection } from '@bellhop/postgres';
import { markPublished, type PublishedRow } from '../sql/mark-published.js';
import { readUnpublished, type UnpublishedRow } from '../sql/read-unpublished.js';
import type { EventPublisher, RelayOutcome } from './ports.js';
import type { RollbackDetector } from './rollback-detector.js';

/** A pass ends after this time, so that a steady stream does not leave behind a row whose transaction committed late. */
const MAX_PASS_MS = 500;

export interface PassOptions {
  session: DedicatedConnection;
  publisher: EventPublisher;
  batchSize: number;
  signal: AbortSignal;
  /** Has checked the streams, and gets every acknowledgement. */
  rollbacks: Pick<RollbackDetector, 'recordAck' | 'isDue'>;
  /** Called with the number of events once they are marked. */
  onPublished(count: number): void;
}

export interface PassResult {
  isMoreWaiting: boolean;
  /** The first error of a publish. Its event stays in the outbox, and the pass ended there. */
  failure?: Error;
}

/**
 * Publishes unpublished events, from the lowest id on, until none is left. The next batch is read and the previous one is
 * marked while this one is in flight.
 *
 * @throws what Postgres throws; events published and not marked will be published again under the same id
 */
export async function publishPass(options: PassOptions): Promise<PassResult> {
  const { session, batchSize, signal, rollbacks } = options;
  const endsAt = Date.now() + MAX_PASS_MS;
  let marking = handled(Promise.resolve());
  let batch = await readUnpublished(session, '0', batchSize);
  for (;;) {
    const isFull = batch.length === batchSize;
    const from = batch.at(-1)?.id ?? '0';
    // One connection runs one statement at a time: pg will not queue them for much longer.
    const next = handled(marking.then(() => (isFull ? readUnpublished(session, from, batchSize) : [])));
    const [outcomes] = await Promise.all([publish(options.publisher, batch), marking]);
    const published = batch;
    marking = handled(next.catch(() => undefined).then(() => mark(options, published, outcomes)));
    const failure = outcomes.find((outcome) => !outcome.ok)?.error;
    if (!isFull || failure || rollbacks.isDue || signal.aborted || Date.now() > endsAt) {
      await Promise.all([marking, next]);
      return { isMoreWaiting: isFull, ...(failure ? { failure } : {}) };
    }
    batch = await next;
  }
}

/** The promise is awaited later; without a handler until then, its rejection would crash the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
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
    return outcome?.ok && options.rollbacks.recordAck(row.event_id, outcome)
      ? [{ id: row.id, stream: outcome.stream, sequence: outcome.sequence }]
      : [];
  });
  if (rows.length === 0) return;
  await markPublished(options.session, rows);
  // failpoint: relay.marked
  options.onPublished(rows.length);
}
