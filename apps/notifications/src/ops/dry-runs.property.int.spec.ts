import { randomBytes, randomUUID } from 'node:crypto';
import { PRIORITIES, type TicketEvent, type TicketEventType } from '@bellhop/contracts/events';
import type { MessagePreview, RehearsedDecision } from '@bellhop/contracts/http';
import { maskAddress } from '@bellhop/contracts/persons';
import { buildEvent } from '@bellhop/contracts/testing';
import { Metrics } from '@bellhop/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { emailOver, insertDelivery, nobodyErased, readyDatabase, settingsOf } from '../../test/delivery-rows.js';
import { FeedReplica } from '../../test/feed-replica.js';
import { vapidPair } from '../../test/vapid-pair.js';
import type { Channel } from '../channels/channel.js';
import { decodeFrozenMail } from '../channels/email/smtp/frozen-mail.js';
import { thawPush } from '../channels/push/frozen-push.js';
import { PushChannel } from '../channels/push/push-channel.js';
import { parseVapidKeys } from '../channels/push/vapid.js';
import type { LeasedDelivery } from '../dispatch/delivery.js';
import { DispatchMetrics } from '../dispatch/dispatch-metrics.js';
import type { Dispatchers } from '../dispatch/dispatchers.js';
import { claimDue } from '../dispatch/leases/claim-due.js';
import { markAccepted } from '../dispatch/outcomes/mark-accepted.js';
import { beginSending } from '../dispatch/preparation/begin-sending.js';
import { Composer } from '../dispatch/preparation/composer.js';
import { Forecast } from '../dispatch/preparation/forecast.js';
import { FormerRequests } from '../dispatch/preparation/former-requests.js';
import { OneTimeCodes } from '../dispatch/preparation/one-time-codes.js';
import { Preparation, type Prepared } from '../dispatch/preparation/preparation.js';
import { TeamDigests } from '../dispatch/preparation/team-digests.js';
import { IntakeService } from '../intake/intake.service.js';
import type { Fact } from '../planning/fact.js';
import { DryRunsService } from './dry-runs.service.js';
import { loadDecisions } from './load-decisions.js';

const RUNS = 50;
const EVENTS_PER_RUN = 20;
const LEASE_MS = 30_000;
const NO_ID = '00000000-0000-0000-0000-000000000000';

let dataSource: DataSource;
let stop: () => Promise<void>;
let channels: readonly Channel[];
let intake: IntakeService;
let dryRuns: DryRunsService;
let preparation: Preparation;

beforeAll(async () => {
  Logger.overrideLogger(false);
  ({ dataSource, stop } = await migratedDatabase());
  const database = readyDatabase(dataSource);
  const settings = settingsOf({ AGENTS_EMAIL: 'team@example.com' });
  const push = new PushChannel(database, {
    keys: parseVapidKeys(vapidPair().setting),
    subject: 'mailto:ops@example.com',
    local: undefined,
    brand: 'Bellhop',
    publicUrl: settings.publicUrl,
    quietMs: 10_000,
    closeMs: 1_000,
  });
  // Nobody looks at a feed here, so its hints need no NATS.
  channels = [emailOver(), new FeedReplica(dataSource, 'nats://127.0.0.1:9').channel, push];
  const asleep = { wake: () => undefined } as unknown as Dispatchers;
  intake = new IntakeService(database, channels, asleep, settings, nobodyErased());
  const composer = new Composer(settings);
  dryRuns = new DryRunsService(database, intake, new Forecast(channels, nobodyErased()), composer, settings);
  const metrics = new DispatchMetrics(new Metrics('notifications'), database);
  const [former, codes, team] = [new FormerRequests(settings), new OneTimeCodes(settings), new TeamDigests(metrics)];
  preparation = new Preparation(composer, former, codes, team, settings, nobodyErased());
  await dataSource.query(
    `insert into push_subscriptions values
       (gen_random_uuid(), 'a', 'endpoint', 'keys', 'sealed', 'key', 'fcm', 'browser', null, 'active', now(), now())`,
  );
});
afterAll(() => stop?.());

const TYPES = [
  'ticket.created.v1',
  'ticket.replied.v1',
  'ticket.information_requested.v1',
  'ticket.resolved.v1',
  'ticket.reopened.v1',
  'ticket.closed.v1',
  'ticket.customer_replied.v1',
  'ticket.assigned.v1',
  'ticket.promise_at_risk.v1',
  'ticket.promise_missed.v1',
  'ticket.seen.v1',
] as const satisfies readonly TicketEventType[];
const TICKETS = ['0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11', '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c12', 'T-1'];

const id = fc.constantFrom('a', 'b');
const email = fc.constantFrom('a@example.com', 'B@Example.com', 'gone@example.com');
const locale = fc.constantFrom('en', 'de', 'pl', 'zh-CN', 'xx');
const timezone = fc.constantFrom('Europe/Berlin', 'Asia/Shanghai', undefined);
const address = fc.option(email, { nil: undefined });
const user = fc.record({ kind: fc.constant('user' as const), id, email: address, locale, timezone });
const guest = fc.record({ kind: fc.constant('guest' as const), email, locale });

interface Step {
  readonly fact: Fact;
  /** It is sent before the next event comes; otherwise it waits, and the next one may join it. */
  readonly isSent: boolean;
}
const step: fc.Arbitrary<Step> = fc
  .record({
    system: fc.constantFrom('bellhop', 'bellhop', 'crm'),
    type: fc.constantFrom(...TYPES),
    requester: fc.oneof(user, guest),
    assignee: fc.option(user, { nil: undefined }),
    actor: fc.record({ kind: fc.constantFrom('customer', 'agent', 'system'), id }),
    // Of tickets that are not ours guests get no link: their mails are refused.
    ticketId: fc.constantFrom(...TICKETS, 'T-1'),
    version: fc.integer({ min: 1, max: 30 }),
    priority: fc.constantFrom(...PRIORITIES),
    isSent: fc.constantFrom(true, true, false),
  })
  .map(({ system, type, ticketId, version, priority, isSent, ...people }) => {
    const url = system === 'crm' ? { url: `https://crm.example.com/t/${ticketId}` } : {};
    const data = { ...people, ticket: { id: ticketId, number: 'G4XS1R', version, priority, ...url } };
    return { fact: { system, event: buildEvent(type, data as never) as TicketEvent }, isSent };
  });

describe('a dry run', () => {
  it(`says what then happens: decisions and messages of ${RUNS * EVENTS_PER_RUN} events`, async () => {
    const seen = { messages: 0, skipped: 0, refused: 0, waiting: 0 };
    const story = fc.array(step, { minLength: EVENTS_PER_RUN, maxLength: EVENTS_PER_RUN });
    await fc.assert(
      fc.asyncProperty(story, fc.boolean(), async (steps, isCrowded) => {
        await dataSource.query(
          'truncate deliveries, decisions, told, known_tickets, inbox, frozen_requests, feed_entries',
        );
        await dataSource.query(
          `insert into suppressions (channel, endpoint, reason, delivery_id)
           values ('email', 'gone@example.com', 'bounced', gen_random_uuid()) on conflict do nothing`,
        );
        if (isCrowded) await fillMailbox();
        for (const one of steps) await rehearseAndDo(one, seen);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    // Otherwise the comparison would be of little.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
  }, 600_000);
});

/** As many mails to one requester as an hour allows. */
async function fillMailbox(): Promise<void> {
  const sent = { state: 'accepted', attempted_at: new Date(), settled_at: new Date(), ceiling_key: 'a@example.com' };
  for (let count = 0; count < 30; count++) await insertDelivery(dataSource, sent);
}

async function rehearseAndDo({ fact, isSent }: Step, seen: Record<string, number>): Promise<void> {
  const { decisions: said } = await dryRuns.run({ system: fact.system, event: fact.event });
  await intake.accept(fact);
  const done = (await loadDecisions(dataSource.manager, fact.event.id, fact.system)).map(({ view }) => view);
  expect(done.map(({ recipient, channel }) => ({ recipient, channel }))).toEqual(
    said.map(({ recipient, channel }) => ({ recipient, channel })),
  );
  const ids = done.flatMap(({ deliveryId }) => deliveryId ?? []);
  await dataSource.query(
    `update deliveries set due_at = now() + case when id = any ($1::uuid[]) then '0'::interval else '1 hour' end where state = 'pending'`,
    [isSent ? ids : []],
  );
  const made = isSent ? await dispatch() : null;
  for (const [index, view] of done.entries()) {
    const rehearsed = said[index] as RehearsedDecision;
    if (view.deliveryId === null) {
      // Decided at once.
      expect(rehearsed).toMatchObject({ outcome: view.outcome, reason: view.reason, preview: null });
    } else if (made) {
      expect(comparable(rehearsed)).toEqual(made.get(view.deliveryId));
      const { outcome, reason, preview } = rehearsed;
      const held = reason === 'ceiling' ? 'waiting' : 'messages';
      const kind = outcome === 'skip' ? 'skipped' : preview === null && held !== 'waiting' ? 'refused' : held;
      seen[kind] = (seen[kind] ?? 0) + 1;
    }
  }
  // What waits for the team together becomes another message, about many tickets.
  await dataSource.query(`delete from deliveries where recipient_role = 'team' and state = 'pending'`);
}

/** What became of a delivery: its message, or why there is none. */
interface Made {
  readonly reason: string | null;
  readonly message: object | null;
}
const comparable = ({ reason, preview }: RehearsedDecision): Made => ({
  reason,
  // Those that wait for a ceiling are not made yet.
  message: preview && reason === null ? withoutTimes(preview) : null,
});

/** Does what a dispatcher does with all that is due, up to the request to the provider, which takes everything. */
async function dispatch(): Promise<Map<string, Made>> {
  const made = new Map<string, Made>();
  for (const channel of channels) {
    const owner = randomUUID();
    const claimed = await claimDue(dataSource, { channel, limit: 100, requestedLimit: 100, owner, leaseMs: LEASE_MS });
    const without = await preparation.prepare({ channel, dataSource, claimed });
    const links = new Map(without.unlinked.map((one) => [one, randomBytes(32).toString('base64url')]));
    const linked =
      links.size > 0 ? await preparation.prepare({ channel, dataSource, claimed: [...links.keys()], links }) : null;
    for (const prepared of [without, linked]) if (prepared) await record(channel, prepared, made);
  }
  // What is not sent is out of the way.
  await dataSource.query(
    `update deliveries set state = 'skipped', settled_at = now() where state in ('leased', 'sending')`,
  );
  return made;
}

async function record(channel: Channel, { batches, settled, held }: Prepared, made: Map<string, Made>): Promise<void> {
  for (const { delivery, result } of settled)
    made.set(delivery.id, { reason: 'reason' in result ? result.reason : null, message: null });
  for (const { delivery, reason } of held) made.set(delivery.id, { reason, message: null });
  for (const { items, members } of batches) {
    for (const { deliveryId, bytes } of items) {
      const delivery = members.find((one) => one.id === deliveryId) as LeasedDelivery;
      made.set(deliveryId, { reason: null, message: await readable(channel, delivery, bytes) });
    }
  }
  await beginSending(dataSource, batches, LEASE_MS);
  const taken = batches.flatMap(({ members }) => members).map((delivery) => ({ delivery, ref: 'taken' }));
  await markAccepted(dataSource.manager, taken);
}

/** What the frozen bytes say, read by others than those who wrote them, with ids and links as in a dry run. */
async function readable(channel: Channel, delivery: LeasedDelivery, bytes: Buffer): Promise<object> {
  const plain = (text: string) =>
    text
      .replaceAll(delivery.id, NO_ID)
      .replace(/\/(t|unsubscribe)\/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g, '/$1/made-when-it-is-sent');
  if (channel.name === 'push') {
    const { urgency, text } = thawPush(bytes);
    return { kind: 'push', urgency, payload: JSON.parse(plain(text)) };
  }
  if (channel.name === 'feed') {
    const { kind: tellsOf, count, dueAt, url } = JSON.parse(bytes.toString());
    return { kind: 'entry', tellsOf, count, dueAt, url };
  }
  const { raw, envelope } = decodeFrozenMail(bytes);
  const { subject, text = '', html = '', headers } = await PostalMime.parse(raw);
  const shown = headers.filter(({ key }) => !/^(?:subject|date|mime-version|content-type)$/.test(key));
  return {
    kind: 'mail',
    subject,
    text: plain(text).trimEnd(),
    html: plain(html).trimEnd(),
    headers: Object.fromEntries(
      shown.map(({ key, value }) => [key, plain(key === 'to' ? maskAddress(envelope.to) : value)]),
    ),
  };
}

/** The same of a dry run. A push expires a day after its event came, to the millisecond. */
function withoutTimes(preview: MessagePreview): object {
  if (preview.kind === 'push') return { kind: 'push', urgency: preview.urgency, payload: preview.payload };
  if (preview.kind === 'entry') return preview;
  const headers = Object.entries(preview.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    ...preview,
    text: preview.text.trimEnd(),
    html: preview.html.trimEnd(),
    headers: Object.fromEntries(headers),
  };
}
