import { Problem } from '@bellhop/http';

/** The last ticket of a page; the next page begins after it. Not an offset: lists change while people read them. */
export interface Position {
  readonly updatedAt: Date;
  readonly id: string;
  /** In a list with several parts: which of them, the first has the highest. Default 0. */
  readonly rank?: number;
}

const DECODED = /^(?:(\d)\.)?(\d{1,14})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function encodeCursor({ updatedAt, id, rank = 0 }: Position): string {
  return Buffer.from(`${rank}.${updatedAt.getTime()}.${id}`).toString('base64url');
}

/** Where a page of a conversation begins; the page before it ends there. */
export function encodeVersion(version: number): string {
  return Buffer.from(`v${version}`).toString('base64url');
}

/** @throws Problem 400 `invalid_cursor` for anything that {@link encodeVersion} did not make */
export function decodeVersion(cursor: string): number {
  const [, version] = /^v(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (version === undefined) throw invalidCursor('earlier');
  return Number(version);
}

/** @throws Problem 400 `invalid_cursor` for anything that {@link encodeCursor} did not make */
export function decodeCursor(cursor: string): Required<Position> {
  const [, rank = '0', ms, id] = DECODED.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (ms === undefined || id === undefined) throw invalidCursor('next');
  return { updatedAt: new Date(Number(ms)), id, rank: Number(rank) };
}

function invalidCursor(field: string): Problem {
  const detail = `Send \`${field}\` of the page before, unchanged, or none.`;
  return new Problem(400, 'invalid_cursor', 'Unusable cursor', detail);
}
