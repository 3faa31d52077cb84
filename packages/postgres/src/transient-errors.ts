import { types } from 'node:util';
import { TransientError } from '@bellhop/waiting';

/**
 * SQLSTATE classes and codes of transient errors (https://www.postgresql.org/docs/18/errcodes-appendix.html):
 * connection exceptions, serialization failure, deadlock, insufficient resources, shutdown and crash recovery,
 * lock not available, a statement cancelled (for taking too long behind a lock, say), a read-only server (a failover is
 * under way), I/O error.
 */
const TRANSIENT_SQLSTATE = /^(08(?!P01)...|40001|40P01|53...|57014|57P0[1-5]|55P03|25006|58030)$/;

const TRANSIENT_SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Errors without a code, known by name: TypeORM's about a lost connection, and those of the NATS client. */
const TRANSIENT_NAMES = new Set([
  'QueryRunnerAlreadyReleasedError',
  'QueryRunnerProviderAlreadyReleasedError',
  'ConnectionIsNotSetError',
  'CannotExecuteNotConnectedError',
  'DriverPackageNotConnectedError',
  'TimeoutError',
  'NoRespondersError',
  'ConnectionError',
  'ClosedConnectionError',
  'DrainingConnectionError',
]);

/** Messages of `pg` and its pool, which have no code. */
const TRANSIENT_MESSAGES = [
  /^Connection terminated/,
  /^Client has encountered a connection error and is not queryable/,
  /^Client was closed and is not queryable/,
  /^timeout exceeded when trying to connect/,
  /^timeout expired$/,
  /^Query read timeout$/,
  /^Cannot use a pool after calling end on the pool/,
  /^Driver not Connected$/i,
];

/** How many wrappers are looked through. */
const MAX_DEPTH = 8;

/**
 * Whether an error of Postgres, NATS or the network goes away by itself, so that it is right to retry later.
 * Looks through TypeORM's `driverError`, through `cause`, and through an AggregateError, which is transient if each part is.
 */
export function isTransientError(error: unknown, depth = 0): boolean {
  if (!isError(error) || depth > MAX_DEPTH) return false;
  if (error instanceof TransientError || TRANSIENT_NAMES.has(error.name)) return true;
  if (isError(error.driverError)) return isTransientError(error.driverError, depth + 1);
  if (typeof error.code === 'string' && isTransientCode(error.code)) return true;
  if (Array.isArray(error.errors) && error.errors.length > 0) {
    return error.errors.every((part) => isTransientError(part, depth + 1));
  }
  return TRANSIENT_MESSAGES.some((message) => message.test(error.message)) || isTransientError(error.cause, depth + 1);
}

type AnyError = Error & { code?: unknown; driverError?: unknown; errors?: unknown };

/** `instanceof` alone is not enough: system errors may come from another realm, as they do under jest. */
function isError(error: unknown): error is AnyError {
  return types.isNativeError(error) || error instanceof Error;
}

function isTransientCode(code: string): boolean {
  return TRANSIENT_SYSTEM_CODES.has(code) || TRANSIENT_SQLSTATE.test(code);
}
