import type { EntityManager } from 'typeorm';
import type { PushServiceName } from '../endpoint.js';

export interface Registration {
  readonly id: string;
  readonly person: string;
  readonly endpointHash: Buffer;
  readonly sealed: Buffer;
  readonly vapidKey: string;
  readonly service: PushServiceName;
  readonly browserHash: string;
  /** Null keeps the name that it has. */
  readonly name: string | null;
}

/** Devices of one person that pushes go to; a further one ends the one that was seen longest ago. */
const MAX_DEVICES = 10;

/** One person's devices change one after the other, so that two registrations cannot both be the tenth. */
const LOCK = `select pg_advisory_xact_lock(hashtextextended('push ' || $1, 0))`;

const UPSERT = `
  insert into push_subscriptions as s
    (id, person, endpoint_hash, sealed, vapid_key, service, browser_hash, name, state, registered_at, confirmed_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, 'active', now(), now())
  on conflict (endpoint_hash) do update set
    person = excluded.person, sealed = excluded.sealed, vapid_key = excluded.vapid_key, service = excluded.service,
    browser_hash = excluded.browser_hash, state = 'active', ended_at = null, confirmed_at = now(),
    -- Of another person it is a new device.
    name = case when s.person = excluded.person then coalesce(excluded.name, s.name) else excluded.name end,
    registered_at = case when s.person = excluded.person then s.registered_at else now() end,
    accepted_at = case when s.person = excluded.person then s.accepted_at end
  returning id`;

const END_OTHERS = `
  update push_subscriptions set state = 'ended', sealed = null, ended_at = now()
  where state = 'active' and id <> $1 and (browser_hash = $2 or id in (
    select id from push_subscriptions where person = $3 and state = 'active' and id <> $1
    order by confirmed_at desc, id offset ${MAX_DEVICES - 1}))`;

/**
 * Switches push on in a browser. A browser has one subscription, whoever uses it: others of it end, so that a person before hears nothing
 * there any more.
 * in: registration, inside a transaction · out: the id of its row · lock: the person's devices; the rows that end · race: the same endpoint
 * registered twice at once is one row, of whoever came last.
 */
export async function registerSubscription(manager: EntityManager, one: Registration): Promise<string> {
  await manager.query(LOCK, [one.person]);
  const { id, person, endpointHash, sealed, vapidKey, service, browserHash, name } = one;
  const values = [id, person, endpointHash, sealed, vapidKey, service, browserHash, name];
  const [row]: [{ id: string }] = await manager.query(UPSERT, values);
  await manager.query(END_OTHERS, [row.id, browserHash, person]);
  return row.id;
}
