import { Problem } from '@bellhop/http';
import { requireTransaction } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';
import { hashOf } from './body-hash.js';

/**
 * How long a request waits for any lock: of a concurrent one with the same key, or of a row that its effect changes. A waiting request
 * holds a connection of the pool, so one stuck row must not block all of them.
 */
const LOCK_TIMEOUT_SECONDS = 2;
const LOCK_NOT_AVAILABLE = '55P03';

export interface IdempotentRequest {
  /** The client's `Idempotency-Key`. */
  key: string;
  /** The owner of the key: two people may choose the same one. */
  principal: string;
  /** Method and route pattern, for example `POST /tickets/:id/messages`. */
  route: string;
  /** The whole request; with the same key it must not change. */
  body: unknown;
}

/** What a controller may return to choose its status; a 204 has no body. */
export class Answer {
  constructor(
    readonly status: number,
    readonly body: unknown,
    /** It is the stored answer of an earlier request. */
    readonly isReplayed = false,
  ) {}
}

/** The answer of an effect, and what is stored of it. */
export interface Made<Kept = unknown> {
  readonly status: number;
  readonly body: unknown;
  /** Stored in place of a body with personal texts, names or addresses; `recall` restores the body from it. */
  readonly kept?: Kept;
}

/**
 * Runs `effect` once per (principal, route, key) and stores its answer in the caller's transaction, so that both are committed or lost
 * together. A repeated request gets the stored answer; one that arrives while the first still runs waits for it. If `effect` throws,
 * nothing is stored and the key is free again.
 *
 * @param request null when the client sent no key and none is required: `effect` simply runs
 * @param recall restores the body of a repeated answer from what was kept; without it, `kept` is the body. Its errors are answered
 * @throws Problem 422 `idempotency_key_reused`; 409 `request_in_progress` after 2 s of waiting;
 *   the transient error 55P03 when `effect` waits as long for a lock
 */
export async function idempotent<Kept>(
  manager: EntityManager,
  request: IdempotentRequest | null,
  effect: () => Promise<Made<Kept>>,
  recall?: (kept: Kept) => Promise<unknown>,
): Promise<Answer> {
  requireTransaction(manager, 'idempotent');
  await manager.query(`set local lock_timeout = '${LOCK_TIMEOUT_SECONDS}s'`);
  if (!request) return answerOf(await effect());
  const bodyHash = hashOf(request.body);
  if (!(await claim(manager, request, bodyHash))) {
    const { status, body: kept } = await replay(manager, request, bodyHash);
    return new Answer(status, recall ? await recall(kept as Kept) : kept, true);
  }
  const made = await effect();
  await manager.query(
    `update idempotency_keys set status = $4, response = $5 where (principal, route, key) = ($1, $2, $3)`,
    [...identityOf(request), made.status, JSON.stringify(made.kept ?? made.body ?? null)],
  );
  return answerOf(made);
}

/**
 * Frees a key whose effect was undone in the same transaction: a repeated request is a new one then. A request that waits for the key
 * finds it free.
 */
export async function forgetAnswer(manager: EntityManager, request: IdempotentRequest): Promise<void> {
  requireTransaction(manager, 'forgetAnswer');
  await manager.query('delete from idempotency_keys where (principal, route, key) = ($1, $2, $3)', identityOf(request));
}

/**
 * True if the key is new. The insert waits for a transaction that holds the same key: if that commits, it was first;
 * if it rolls back, we are.
 */
async function claim(manager: EntityManager, request: IdempotentRequest, bodyHash: Buffer): Promise<boolean> {
  try {
    const rows: unknown[] = await manager.query(
      `insert into idempotency_keys (principal, route, key, body_hash) values ($1, $2, $3, $4)
       on conflict do nothing returning 1 as inserted`,
      [...identityOf(request), bodyHash],
    );
    return rows.length > 0;
  } catch (error) {
    if ((error as { code?: unknown }).code === LOCK_NOT_AVAILABLE) throw inProgress(error);
    throw error;
  }
}

/**
 * The stored answer of an earlier request, or null; for code that refuses requests before `idempotent()` is reached.
 *
 * @throws Problem 422 `idempotency_key_reused`
 */
export async function answeredBefore(manager: EntityManager, request: IdempotentRequest): Promise<Answer | null> {
  return stored(manager, request, hashOf(request.body));
}

async function replay(manager: EntityManager, request: IdempotentRequest, bodyHash: Buffer): Promise<Answer> {
  // Purged between the insert and this read: answered like one in progress, so that the client repeats it.
  const answer = await stored(manager, request, bodyHash);
  if (!answer) throw inProgress();
  return answer;
}

async function stored(manager: EntityManager, request: IdempotentRequest, bodyHash: Buffer): Promise<Answer | null> {
  const [row]: { body_hash: Buffer; status: number; response: unknown }[] = await manager.query(
    `select body_hash, status, response from idempotency_keys where (principal, route, key) = ($1, $2, $3)`,
    identityOf(request),
  );
  if (!row) return null;
  if (!row.body_hash.equals(bodyHash)) throw keyReused();
  return new Answer(row.status, row.response ?? undefined, true);
}

function identityOf({ principal, route, key }: IdempotentRequest): [string, string, string] {
  return [principal, route, key];
}

function answerOf({ status, body }: Made): Answer {
  return new Answer(status, body);
}

function inProgress(cause?: unknown): Problem {
  return new Problem(409, 'request_in_progress', 'The first request still runs', 'Send it again in a moment.', {
    headers: { 'retry-after': '1' },
    cause,
  });
}

function keyReused(): Problem {
  return new Problem(
    422,
    'idempotency_key_reused',
    'The Idempotency-Key was used before',
    'Another request was sent with this key. Choose a new key for a new request, for example a UUID.',
  );
}
