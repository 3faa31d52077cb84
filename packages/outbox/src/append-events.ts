import { type BellhopEvent, MAX_EVENT_BYTES, parseOwnEvent, subjectOf } from '@bellhop/contracts/events';
import { requireTransaction } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';
import { appended } from './after-commit.js';
import { OutboxError } from './outbox.errors.js';
import { insertEvents, type OutboxRow } from './sql/insert-events.js';

/**
 * Writes events into the outbox, in the transaction of `manager`: they are published if it commits, in this order, and
 * never if it rolls back. The only way for an app to emit.
 *
 * @throws PostgresUsageError `no_transaction` outside a transaction
 * @throws OutboxError `event_too_large` above 256 KiB
 * @throws InvalidOwnEventError if an event is not exactly what the contract says; nothing is written then
 */
export async function appendEvents(manager: EntityManager, events: readonly BellhopEvent[]): Promise<void> {
  requireTransaction(manager, 'appendEvents');
  if (events.length === 0) return;
  await insertEvents(manager, events.map(toRow));
  // failpoint: outbox.appended
  appended.note(manager, events.length);
}

function toRow(event: BellhopEvent): OutboxRow {
  const data = JSON.stringify(parseOwnEvent(event));
  const size = Buffer.byteLength(data);
  if (size > MAX_EVENT_BYTES) {
    throw new OutboxError(
      'event_too_large',
      `${event.type} has ${size} bytes, at most ${MAX_EVENT_BYTES} are read: send ids`,
    );
  }
  return { eventId: event.id, subject: subjectOf(event.type), data };
}
