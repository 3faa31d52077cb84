import { headers, type Msg, type MsgHdrs } from '@nats-io/nats-core';
import { oneLine } from '../errors.js';
import type { RpcRefusal } from './rpc-errors.js';

/** An error as NATS services send it (NATS ADR-32): status and text in headers, no body. Our code is in a header of our own. */
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

/** Null when the reply is a result. */
export function readError({ headers: received }: Msg): WireError | null {
  if (!received?.has(STATUS)) return null;
  const retryAfter = received.get(RETRY_AFTER);
  return {
    code: received.get(CODE) || 'failed',
    detail: received.get(DETAIL),
    ...(/^\d{1,9}$/.test(retryAfter) && { retryAfterSeconds: Number(retryAfter) }),
  };
}
