import { types } from 'node:util';
import { PassingFaultError } from '@bellhop/jetstream';

/**
 * SQLSTATE classes and codes that say "not now" (https://www.postgresql.org/docs/18/errcodes-appendix.html):
 * connection exceptions, serialization failure, deadlock, insufficient resources, shutdown and crash recovery,
 * lock not available, a statement cancelled (for taking too long behind a lock, say), a read-only server (a failover is
 * under way), I/O error.
 */
const PASSING_SQLSTATE = /^(08(?!P01)...|40001|40P01|53...|57014|57P0[1-5]|55P03|25006|58030)$/;

const PASSING_SYSTEM_CODES = new Set([
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

/** Errors without a code, known by name: TypeORM's about a connection that is gone, and those of the NATS client. */
const PASSING_NAMES = new Set([
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

/** What `pg` and its pool say without a code. */
const PASSING_MESSAGES = [
  /^Connection terminated/,
  /^Client has encountered a connection error and is not queryable/,
  /^Client was closed and is not queryable/,
  /^timeout exceeded when trying to connect/,
  /^timeout expired$/,
  /^Query read timeout$/,
  /^Cannot use a pool after calling end on the pool/,
  /^Driver not Connected$/i,
];

/** Wrappers are looked through this deep. */
const MAX_DEPTH = 8;

/**
 * Whether an error of Postgres, NATS or the network will pass by itself, so that trying the same thing later is right.
 * Looks through TypeORM's `driverError`, through `cause`, and through an AggregateError, which passes if each part does.
 */
export function isPassingFault(error: unknown, depth = 0): boolean {
  if (!isError(error) || depth > MAX_DEPTH) return false;
  if (error instanceof PassingFaultError || PASSING_NAMES.has(error.name)) return true;
  if (isError(error.driverError)) return isPassingFault(error.driverError, depth + 1);
  if (typeof error.code === 'string' && isPassingCode(error.code)) return true;
  if (Array.isArray(error.errors) && error.errors.length > 0) {
    return error.errors.every((part) => isPassingFault(part, depth + 1));
  }
  return PASSING_MESSAGES.some((message) => message.test(error.message)) || isPassingFault(error.cause, depth + 1);
}

type AnyError = Error & { code?: unknown; driverError?: unknown; errors?: unknown };

/** `instanceof` alone is not enough: system errors may come from another realm, as they do under jest. */
function isError(error: unknown): error is AnyError {
  return types.isNativeError(error) || error instanceof Error;
}

function isPassingCode(code: string): boolean {
  return PASSING_SYSTEM_CODES.has(code) || PASSING_SQLSTATE.test(code);
}
