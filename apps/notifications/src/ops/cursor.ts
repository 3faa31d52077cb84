import { Problem } from '@bellhop/http';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SEQUENCE = /^#([1-9]\d{0,14})$/;

/** Postgres would raise an error for any other text. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * Reads a cursor that is an id: Postgres generates ids in the order of time.
 * @throws Problem 400 `invalid_cursor` if it is no id
 */
export function decodeId(cursor: string): string {
  if (!isUuid(cursor)) throw invalidCursor();
  return cursor;
}

/** A cursor from a position in a stream. */
export function encodeSequence(sequence: number): string {
  return Buffer.from(`#${sequence}`).toString('base64url');
}

/** @throws Problem 400 `invalid_cursor` for anything that {@link encodeSequence} did not make */
export function decodeSequence(cursor: string): number {
  const [, sequence] = SEQUENCE.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (sequence === undefined) throw invalidCursor();
  return Number(sequence);
}

function invalidCursor(): Problem {
  return new Problem(400, 'invalid_cursor', 'Unusable cursor', 'Send `next` of the page before, unchanged, or none.');
}
