import { Problem } from '@bellhop/service';

/** The last ticket of a page; the next page begins after it. Not an offset: lists change while people read them. */
export interface Position {
  readonly updatedAt: Date;
  readonly id: string;
}

const DECODED = /^(\d{1,14})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function encodeCursor({ updatedAt, id }: Position): string {
  return Buffer.from(`${updatedAt.getTime()}.${id}`).toString('base64url');
}

/** @throws Problem 400 `invalid_cursor` for anything that {@link encodeCursor} did not make */
export function decodeCursor(cursor: string): Position {
  const [, ms, id] = DECODED.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (ms === undefined || id === undefined) {
    throw new Problem(400, 'invalid_cursor', 'Unusable cursor', 'Send `next` of the page before, unchanged, or none.');
  }
  return { updatedAt: new Date(Number(ms)), id };
}
