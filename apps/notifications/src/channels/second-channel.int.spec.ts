import { randomUUID } from 'node:crypto';
import type { TicketEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { Shutdown } from '@bellhop/http';
import type { RpcClient } from '@bellhop/jetstream';
import { SmtpSink, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { nobodyErased, outboxEvents, readyDatabase, settingsOf } from '../../test/delivery-rows.js';
import { dispatchResources } from '../../test/dispatch-resources.js';
import { PushChannel } from '../../test/push-channel.js';
import { Dispatchers } from '../dispatch/dispatchers.js';
import { expireLeases, MAX_UNKNOWNS } from '../dispatch/leases/expire-leases.js';
import { IntakeService } from '../intake/intake.service.js';
import type { Channel } from './channel.js';
import { EmailChannel } from './email/email-channel.js';
import { SmtpProvider } from './email/smtp/smtp-provider.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
let sink: SmtpSink;
let push: PushChannel;
let intake: IntakeService;
let shutdown: Shutdown;

beforeAll(async () => {
  Logger.overrideLogger(false);
  ({ dataSource, stop } = await migratedDatabase());
  sink = await SmtpSink.start();
});
afterAll(async () => {
  await sink?.close();
  await stop?.();
});
beforeEach(() => {
  push = new PushChannel();
  shutdown = new Shutdown(new Logger('shutdown'));
  const settings = settingsOf({ ALERT_QUIET_SECONDS: '0', LEASE_SECONDS: '2' });
  const database = readyDatabase(dataSource);
  const provider = new SmtpProvider({ url: sink.url, maxConnections: 2, timeouts: { closeMs: 100 } });
  const channels: readonly Channel[] = [new EmailChannel([provider], settings), push];
  // No guest of ours is among these, so that no link is requested.
  const { resources } = dispatchResources(dataSource, settings, {} as RpcClient);
  const dispatchers = new Dispatchers(channels, resources, shutdown);
  intake = new IntakeService(database, channels, dispatchers, settings, nobodyErased());
  dispatchers.onApplicationBootstrap();
});
afterEach(async () => {
  sink.forgetRules();
  await shutdown.run();
  await dataSource.query(
    'truncate deliveries, decisions, told, known_tickets, inbox, frozen_requests, suppressions, outbox',
  );
});

let people = 0;
/** A reply to somebody with an account, in a ticket of their own. @returns the person */
async function replyTo(person = `p${++people}`, version = 2): Promise<string> {
  const event = buildEvent('ticket.replied.v1', {
    requester: { kind: 'user', id: person, email: `${person}@example.com` },
    ticket: { id: `T-${person}`, number: 'N1', version, url: 'https://crm.example.com/t' },
  });
  await intake.accept({ system: 'crm', event: event as TicketEvent });
  return person;
}
const rowsOf = (channel: 'email' | 'push'): Promise<{ state: string; reason: string | null; endpoint: string }[]> =>
  dataSource.query('select state, reason, endpoint, unknowns from deliveries where channel = $1 order by id', [
    channel,
  ]);
const until = (channel: 'email' | 'push', state: string, count = 1) =>
  waitFor(async () => (await rowsOf(channel)).filter((row) => row.state === state).length === count, {
    what: `${count} ${state} over ${channel}`,
  });

describe('with a second channel beside e-mail', () => {
  it('a person is notified over both, each with its own endpoint, watermark and event', async () => {
    const person = await replyTo();
    await Promise.all([until('email', 'accepted'), until('push', 'accepted')]);
    expect(await rowsOf('email')).toMatchObject([{ endpoint: `${person}@example.com` }]);
    expect(await rowsOf('push')).toMatchObject([{ endpoint: `crm:user:${person}` }]);
    expect(push.sent).toMatchObject([{ template: 'replied', ticketNumber: 'N1', count: 1 }]);
    expect(sink.to(`${person}@example.com`)).toHaveLength(1);
    const told = await dataSource.query('select channel, version::int from told order by channel');
    expect(told).toEqual([
      { channel: 'email', version: 2 },
      { channel: 'push', version: 2 },
    ]);
    const events = await outboxEvents(dataSource);
    expect(events.map(({ data }) => (data as { channel?: string }).channel).sort()).toEqual(['email', 'push']);
  });

  it('each decides for itself: a guest has a mailbox and no device', async () => {
    const event = buildEvent('ticket.replied.v1', {
      requester: { kind: 'guest', email: 'jana@example.com' },
      ticket: { id: 'T-g', number: 'N1', version: 2, url: 'https://crm.example.com/t' },
    });
    await intake.accept({ system: 'crm', event: event as TicketEvent });
    await until('email', 'accepted');
    const decisions = await dataSource.query('select channel, reason from decisions order by channel');
    expect(decisions).toEqual([
      { channel: 'email', reason: null },
      { channel: 'push', reason: 'no_endpoint' },
    ]);
  });

  it('a mail server that does not answer delays no push', async () => {
    sink.when({ at: 'greeting', answer: 'silence' });
    const startedAt = Date.now();
    await Promise.all(Array.from({ length: 30 }, () => replyTo()));
    await until('push', 'accepted', 30);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect((await rowsOf('email')).filter(({ state }) => state === 'accepted')).toEqual([]);
  });

  it('a push service that does not answer delays no mail', async () => {
    push.answer = () => 'silence';
    await Promise.all(Array.from({ length: 30 }, () => replyTo()));
    await until('email', 'accepted', 30);
    expect((await rowsOf('push')).filter(({ state }) => state === 'accepted')).toEqual([]);
  });

  it('each retries by its own schedule', async () => {
    push.answer = () => ({ kind: 'not_sent', cause: 'connection_refused' });
    await replyTo();
    // Two tries more after 10 and 20 ms; a mail would go on for sixteen hours.
    await until('push', 'dead');
    expect(push.sent).toHaveLength(3);
    expect(await rowsOf('push')).toMatchObject([{ reason: 'out_of_tries' }]);
    await until('email', 'accepted');
  });

  it('each has its own ceilings: deliveries over one do not count for the other', async () => {
    const person = await replyTo();
    for (let version = 3; version <= 8; version++) {
      await until('email', 'accepted', version - 2);
      await waitFor(async () =>
        (await rowsOf('push')).every(({ state }) => state === 'accepted' || state === 'retrying'),
      );
      await replyTo(person, version);
    }
    // Three pushes in a minute about one ticket, and ten mails in ten.
    await until('email', 'accepted', 7);
    expect(push.sent).toHaveLength(3);
    expect((await rowsOf('push')).filter(({ reason }) => reason === 'ceiling').length).toBeGreaterThan(0);
  });

  it('each suppresses its own endpoints', async () => {
    const person = `p${++people}`;
    await dataSource.query(
      `insert into suppressions (channel, endpoint, reason, delivery_id)
       values ('email', $1, 'gone', $3), ('push', $2, 'bounced', $3)`,
      [`crm:user:${person}`, `${person}@example.com`, randomUUID()],
    );
    await replyTo(person);
    await Promise.all([until('email', 'accepted'), until('push', 'accepted')]);
    push.answer = () => ({ kind: 'refused', reason: 'gone', suppress: true });
    await replyTo(person, 3);
    await until('push', 'dead');
    await until('email', 'accepted', 2);
    await replyTo(person, 4);
    await waitFor(async () => (await rowsOf('push')).at(-1)?.reason === 'address_suppressed');
    await until('email', 'accepted', 3);
  });

  it('each ends the leases of its own dispatchers that crashed: a provider with keys gives up nothing, one without does', async () => {
    await shutdown.run();
    for (const [channel, endpoint] of [
      ['email', 'a@example.com'],
      ['push', 'crm:user:a'],
    ]) {
      await dataSource.query(
        `insert into deliveries (id, system, ticket_id, ticket_number, version, recipient_key, recipient_role, recipient_kind,
           endpoint, channel, template, template_version, template_rank, replies, event_ids, priority, is_immediate, state,
           unknowns, first_at, due_at, leased_by, lease_until)
         values (gen_random_uuid(), 'crm', 'T', 'N', 1, 'crm:user:a', 'requester', 'user', $1, $2, 'replied', 1, 1, 1, '{e}', 2,
           false, 'sending', 1, now(), now(), gen_random_uuid(), now() - interval '1 second')`,
        [endpoint, channel],
      );
    }
    const expire = (channel: Channel['name'], maxUnknowns: number | null) =>
      dataSource.transaction((manager) => expireLeases(manager, { channel, unknownWaitMs: 60_000, maxUnknowns }));
    expect(await expire('push', null)).toMatchObject([{ channel: 'push', state: 'unknown' }]);
    expect(await expire('email', MAX_UNKNOWNS)).toMatchObject([{ channel: 'email', state: 'dead' }]);
  });
});
