import { Problem } from '@bellhop/service';

/** The place of a delivery in a list by time: the moment to the microsecond, as Postgres has it, and the id. */
export interface Position {
  readonly moment: string;
  readonly id: string;
}

/** Writes a moment so that no digit is lost on the way through a client. For a column of type timestamptz. */
export const exactMoment = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const POSITION = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const SEQUENCE = /^#([1-9]\d{0,14})$/;

export function encodePosition({ moment, id }: Position): string {
  return Buffer.from(`${moment}/${id}`).toString('base64url');
}

/** @throws Problem 400 `invalid_cursor` for anything that {@link encodePosition} did not make */
export function decodePosition(cursor: string): Position {
  const [, moment, id] = POSITION.exec(decoded(cursor)) ?? [];
  if (moment === undefined || id === undefined || Number.isNaN(Date.parse(moment))) throw invalidCursor();
  return { moment, id };
}

/** The place in a stream. */
export function encodeSequence(sequence: number): string {
  return Buffer.from(`#${sequence}`).toString('base64url');
}

/** @throws Problem 400 `invalid_cursor` for anything that {@link encodeSequence} did not make */
export function decodeSequence(cursor: string): number {
  const [, sequence] = SEQUENCE.exec(decoded(cursor)) ?? [];
  if (sequence === undefined) throw invalidCursor();
  return Number(sequence);
}

function decoded(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('latin1');
}

function invalidCursor(): Problem {
  return new Problem(400, 'invalid_cursor', 'Unusable cursor', 'Send `next` of the page before, unchanged, or none.');
}
