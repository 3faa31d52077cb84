import { createHash } from 'node:crypto';
import type { FeedState } from '@bellhop/contracts/http';
import { type PushService, waitFor } from '@bellhop/local-stack';
import type { Device } from '../people/device.js';
import type { FeedPage } from '../people/feed-page.js';
import type { Databases } from '../world/databases.js';
import type { DeviceRecord, FeedEntry, Page, PushAttempt, PushContent, TakenPush } from './evidence.js';

/** A hint that NATS has lost is late by half a minute. */
const HINT_MS = 40_000;

export function entriesIn(databases: Databases): Promise<FeedEntry[]> {
  const sql = `select delivery_id as "deliveryId", person as "to", seen_at is not null as "isSeen" from feed_entries`;
  return databases.rows<FeedEntry>('notifications', sql);
}

/** What pages show, as soon as all of them know the newest revision, or when they have had time enough to learn it. */
export async function pagesIn(databases: Databases, pages: ReadonlyMap<string, FeedPage>): Promise<Page[]> {
  const stands = await statesIn(databases, [...pages.keys()]);
  const areUpToDate = () =>
    [...pages].every(([person, { last }]) => last && last.rev >= (stands.get(person)?.rev ?? 0));
  await waitFor(areUpToDate, { timeoutMs: HINT_MS }).catch(() => undefined);
  return [...pages].map(([person, { last = null, hasGoneBack }]) => {
    return { person, told: last, stands: stands.get(person) as FeedState, hasGoneBack };
  });
}

export async function devicesIn(databases: Databases, devices: readonly Device[]): Promise<DeviceRecord[]> {
  const rows = await databases.rows<{ hash: string; state: string }>(
    'notifications',
    `select encode(endpoint_hash, 'hex') as hash, state from push_subscriptions`,
  );
  const states = new Map(rows.map(({ hash, state }) => [hash, state]));
  return devices.map(({ person, keys: { endpoint }, id, endedFrom, endedBy }) => {
    const state = states.get(hashOf(endpoint)) ?? null;
    return { person, endpoint, isRegistered: id !== undefined, endedFrom, endedBy, state };
  });
}

export async function pushAttemptsIn(databases: Databases, devices: readonly Device[]): Promise<PushAttempt[]> {
  const endpoints = new Map(devices.map(({ keys: { endpoint } }) => [hashOf(endpoint), endpoint]));
  const rows = await databases.rows<{ deliveryId: string; hash: string; state: string }>(
    'notifications',
    `select a.delivery_id as "deliveryId", encode(s.endpoint_hash, 'hex') as hash, a.state
     from push_attempts a join push_subscriptions s on s.id = a.subscription_id`,
  );
  return rows.map(({ hash, ...row }) => ({ ...row, endpoint: endpoints.get(hash) ?? hash }));
}

export function pushesAt(service: PushService): TakenPush[] {
  return service
    .pushes()
    .filter(({ isTaken }) => isTaken)
    .map(({ endpoint, at, headers: { topic }, text }) => ({ endpoint, at, topic, content: contentOf(text) }));
}

function hashOf(endpoint: string): string {
  return createHash('sha256').update(endpoint).digest('hex');
}

/** Read here as a browser's worker reads it, not by the code that wrote it. */
function contentOf(text: string | null): PushContent | null {
  if (text === null) return null;
  const { notification } = JSON.parse(text) as { notification: { tag: string; data: Record<string, string> } };
  const { deliveryId = '', ticket: ticketId = '' } = notification.data;
  return { deliveryId, ticketId, tag: notification.tag };
}

async function statesIn(databases: Databases, people: readonly string[]): Promise<Map<string, FeedState>> {
  const rows = await databases.rows<FeedState & { person: string }>(
    'notifications',
    `select p.person, coalesce(r.rev, 0)::float8 as rev, least(100,
       (select count(*)::int from feed_entries e where e.person = p.person and e.seen_at is null)) as unread
     from unnest($1::text[]) as p (person) left join feed_revisions r using (person)`,
    [people],
  );
  return new Map(rows.map(({ person, unread, rev }) => [person, { unread, rev }]));
}
