import { Problem } from '@bellhop/http';

/** The last suppression of a page. */
export interface Position {
  /** Microseconds since 1970. */
  readonly moment: string;
  readonly address: string;
}

const DECODED = /^(\d{1,17})\.([^\s\p{Cc}]{1,320})$/u;

export function encodeCursor({ moment, address }: Position): string {
  return Buffer.from(`${moment}.${address}`).toString('base64url');
}

/** @throws Problem 400 `invalid_cursor` for anything that {@link encodeCursor} did not make */
export function decodeCursor(cursor: string): Position {
  const [, moment, address] = DECODED.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (moment === undefined || address === undefined) {
    throw new Problem(400, 'invalid_cursor', 'Unusable cursor', 'Send `next` of the page before, unchanged, or none.');
  }
  return { moment, address };
}
