import { headers, type Msg, type MsgHdrs } from '@nats-io/nats-core';
import { oneLine } from '../errors.js';
import type { RpcRefusal } from './rpc-errors.js';

/** As NATS services tell of an error (NATS ADR-32): a number, a text, no body. The code is ours, and stands in a header of ours. */
const STATUS = 'Nats-Service-Error-Code';
const DETAIL = 'Nats-Service-Error';
const CODE = 'Bellhop-Error-Code';
const RETRY_AFTER = 'Bellhop-Retry-After';

export interface WireError {
  code: string;
  detail: string;
  retryAfterSeconds?: number;
}

export function errorHeaders({ code, detail, retryAfterSeconds }: Pick<RpcRefusal, keyof WireError>): MsgHdrs {
  const written = headers();
  written.set(STATUS, '400');
  written.set(DETAIL, oneLine(detail, 300));
  written.set(CODE, code);
  if (retryAfterSeconds !== undefined) written.set(RETRY_AFTER, String(retryAfterSeconds));
  return written;
}

/** Null: it is an answer. */
export function readError({ headers: received }: Msg): WireError | null {
  if (!received?.has(STATUS)) return null;
  const retryAfter = received.get(RETRY_AFTER);
  return {
    code: received.get(CODE) || 'failed',
    detail: received.get(DETAIL),
    ...(/^\d{1,9}$/.test(retryAfter) && { retryAfterSeconds: Number(retryAfter) }),
  };
}
