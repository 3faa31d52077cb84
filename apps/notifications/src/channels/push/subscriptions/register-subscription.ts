import type { EntityManager } from 'typeorm';
import type { PushServiceName } from '../endpoint.js';

export interface Registration {
  readonly id: string;
  readonly person: string;
  readonly endpointHash: Buffer;
  /** Of endpoint and keys: who knows both is the browser. */
  readonly keysHash: Buffer;
  readonly sealed: Buffer;
  readonly vapidKey: string;
  readonly service: PushServiceName;
  readonly browserHash: string;
  /** Null keeps the name that it has. */
  readonly name: string | null;
}

/** Devices of one person that pushes go to; a further one ends the one that was confirmed longest ago. */
const MAX_DEVICES = 10;
/** Of one person's devices that are off, the latest are kept: for "why did nothing come". */
const MAX_ENDED = 20;

/** One person's devices, and one browser's, change one after the other: two registrations cannot both be the tenth, or the only one. */
const LOCK = `select pg_advisory_xact_lock(hashtextextended(what, 0)) from unnest($1::text[]) as what`;

/** In the order of their ids, as `record-attempts.ts` locks them. */
const LOCK_ROWS = `
  select id from push_subscriptions where endpoint_hash = $1 or browser_hash = $2 or person = $3 order by id for update`;

const UPSERT = `
  insert into push_subscriptions as s
    (id, person, endpoint_hash, keys_hash, sealed, vapid_key, service, browser_hash, name, state, registered_at, confirmed_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', now(), now())
  on conflict (endpoint_hash) do update set
    person = excluded.person, keys_hash = excluded.keys_hash, sealed = excluded.sealed, vapid_key = excluded.vapid_key,
    service = excluded.service, browser_hash = excluded.browser_hash, state = 'active', ended_at = null, confirmed_at = now(),
    -- Of another person it is a new device.
    name = case when s.person = excluded.person then coalesce(excluded.name, s.name) else excluded.name end,
    registered_at = case when s.person = excluded.person then s.registered_at else now() end,
    accepted_at = case when s.person = excluded.person then s.accepted_at end
  -- Whoever only knows the endpoint cannot take it away.
  where s.person = excluded.person or s.keys_hash = excluded.keys_hash
  returning id`;

const END_OTHERS = `
  update push_subscriptions set state = 'ended', sealed = null, ended_at = now()
  where state = 'active' and id <> $1 and (browser_hash = $2 or id in (
    select id from push_subscriptions where person = $3 and state = 'active' and id <> $1
    order by confirmed_at desc, id offset ${MAX_DEVICES - 1}))`;

const FORGET = `
  delete from push_subscriptions where id in (
    select id from push_subscriptions where person = $1 and state <> 'active' order by ended_at desc, id offset ${MAX_ENDED})`;

/**
 * Switches push on in a browser. A browser has one subscription, whoever uses it: others of it end, so that a person before hears nothing
 * there any more.
 * in: registration, inside a transaction · out: the id of its row; null if another person has the endpoint with other keys · lock: the
 * person's devices and the browser's, in the order of their ids · race: the same endpoint registered twice at once is one row, of whoever
 * came last.
 */
export async function registerSubscription(manager: EntityManager, one: Registration): Promise<string | null> {
  const { id, person, endpointHash, keysHash, sealed, vapidKey, service, browserHash, name } = one;
  // The person first, so that two who wait for one browser do not wait for each other.
  await manager.query(LOCK, [[`push person ${person}`, `push browser ${browserHash}`]]);
  await manager.query(LOCK_ROWS, [endpointHash, browserHash, person]);
  const values = [id, person, endpointHash, keysHash, sealed, vapidKey, service, browserHash, name];
  const [row]: [{ id: string }?] = await manager.query(UPSERT, values);
  if (!row) return null;
  await manager.query(END_OTHERS, [row.id, browserHash, person]);
  await manager.query(FORGET, [person]);
  return row.id;
}
