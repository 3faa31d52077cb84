import { randomUUID } from 'node:crypto';
import { Metrics } from '@bellhop/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import {
  begin,
  claim,
  emailOver,
  insertDelivery,
  nobodyErased,
  outboxEvents,
  readyDatabase,
  settingsOf,
} from '../../test/delivery-rows.js';
import { readReport } from '../channels/email/resend/report.js';
import type { LeasedDelivery } from '../dispatch/delivery.js';
import { DispatchMetrics } from '../dispatch/dispatch-metrics.js';
import type { Dispatchers } from '../dispatch/dispatchers.js';
import { expireLeases } from '../dispatch/leases/expire-leases.js';
import { markRetrying } from '../dispatch/outcomes/mark-retrying.js';
import { markUnknown } from '../dispatch/outcomes/mark-unknown.js';
import { OutcomeRecorder, type Result } from '../dispatch/outcomes/outcome-recorder.js';
import { loadPreSendState } from '../dispatch/preparation/load-pre-send-state.js';
import { OneTimeCodes } from '../dispatch/preparation/one-time-codes.js';
import { applyReports } from '../feedback/apply-reports.js';
import { purgeRecords } from '../ops/purge-records.js';
import { GuestMailsService } from './guest-mails.service.js';
import { insertGuestMail } from './insert-guest-mail.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
let service: GuestMailsService;
let recorder: OutcomeRecorder;
let wakings = 0;

beforeAll(async () => {
  Logger.overrideLogger(false);
  ({ dataSource, stop } = await migratedDatabase());
  const database = readyDatabase(dataSource);
  const bell = { wake: () => void wakings++ } as Partial<Dispatchers> as Dispatchers;
  service = new GuestMailsService(database, bell, settingsOf());
  recorder = new OutcomeRecorder(database, new DispatchMetrics(new Metrics('notifications'), database), settingsOf());
});
afterAll(() => stop?.());
afterEach(async () => {
  await dataSource.query(
    'truncate deliveries, told, known_tickets, frozen_requests, sealed_codes, suppressions, outbox',
  );
  wakings = 0;
});

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const codeRequest = (more: object = {}) => ({
  challengeId: randomUUID(),
  email: 'Jana@Example.com',
  code: '480217',
  number: '7K4M2Q',
  expiresAt: inMs(600_000),
  ...more,
});
/** A code that was requested, claimed by a dispatcher. */
async function claimedCode(more: object = {}): Promise<LeasedDelivery> {
  await service.acceptCode(codeRequest(more));
  const [delivery] = await claim(dataSource);
  return delivery as LeasedDelivery;
}
const rowOf = async (id: string) =>
  (
    await dataSource.query(
      `select state, reason, due_at = expires_at as "isDueWhenExpired", due_at < now() + interval '1 minute' as "isSoon",
         exists (select from sealed_codes c where c.delivery_id = d.id) as "hasCode",
         exists (select from frozen_requests f where f.batch_id = d.batch_id) as "hasRequest"
       from deliveries d where id = $1`,
      [id],
    )
  )[0];

describe('a code that is requested', () => {
  it('is a delivery with the highest priority, sent by itself, without events, that raises no watermark', async () => {
    await insertDelivery(dataSource, { priority: 1, recipient_key: 'emergency' });
    await service.acceptCode(codeRequest({ locale: 'pl' }));
    const claimed = await claim(dataSource);
    expect(claimed.map(({ template }) => template)).toEqual(['code', 'replied']);
    expect(claimed[0]).toMatchObject({
      recipientKey: 'bellhop:guest:jana@example.com',
      endpoint: 'Jana@Example.com',
      ticketNumber: '7K4M2Q',
      locale: 'pl',
      eventIds: [],
      isAlone: true,
      tries: 0,
    });
    expect(await dataSource.query('select recipient_key from told')).toEqual([{ recipient_key: 'emergency' }]);
  });

  it('S33 is one delivery however often it is requested, also concurrently, and wakes the dispatcher once', async () => {
    const request = codeRequest();
    await Promise.all(Array.from({ length: 10 }, () => service.acceptCode(request)));
    expect(await dataSource.query('select 1 from deliveries')).toHaveLength(1);
    expect(await dataSource.query('select 1 from sealed_codes')).toHaveLength(1);
    expect(wakings).toBe(1);
  });

  it('is another delivery than a link with the same id', async () => {
    const request = codeRequest();
    await service.acceptCode(request);
    const { email, number } = request;
    await service.acceptLink({ requestId: request.challengeId, ticketId: randomUUID(), email, number });
    expect(await dataSource.query('select 1 from deliveries')).toHaveLength(2);
  });

  it('is decrypted for its own delivery only, and with the key that sealed it', async () => {
    const delivery = await claimedCode();
    const codes = new OneTimeCodes(settingsOf());
    expect((await codes.of(dataSource, [delivery])).get(delivery.id)?.()).toBe('480217');
    const others = new OneTimeCodes(settingsOf({ PAYLOAD_KEY: Buffer.alloc(32, 9).toString('base64') }));
    const read = (await others.of(dataSource, [delivery])).get(delivery.id);
    expect(read).toThrow(expect.objectContaining({ code: 'unknown_key' }));
    await dataSource.query('update deliveries set request_id = $1', [randomUUID()]);
    const moved = (await codes.of(dataSource, [delivery])).get(delivery.id);
    expect(moved).toThrow(expect.objectContaining({ code: 'damaged' }));
  });

  it('does not count towards the ceiling of its guest', async () => {
    for (let index = 0; index < 3; index++) await service.acceptCode(codeRequest());
    await begin(dataSource, await claim(dataSource));
    const key = 'bellhop:guest:jana@example.com';
    const id = await insertDelivery(dataSource, { system: 'bellhop', recipient_key: key });
    const state = (await loadPreSendState(dataSource, emailOver(), await claim(dataSource), nobodyErased())).get(id);
    expect(state).toMatchObject({ recentForPerson: 0, recentForTicket: 0 });
  });
});

describe('a code that expires', () => {
  it('cannot begin to be sent, although the pre-send check let it pass', async () => {
    const delivery = await claimedCode();
    expect(
      (await loadPreSendState(dataSource, emailOver(), [delivery], nobodyErased())).get(delivery.id),
    ).toMatchObject({
      isExpired: false,
    });
    await dataSource.query('update deliveries set expires_at = now()');
    expect(await begin(dataSource, [delivery])).toEqual(new Set());
    expect(
      (await loadPreSendState(dataSource, emailOver(), [delivery], nobodyErased())).get(delivery.id),
    ).toMatchObject({
      isExpired: true,
    });
  });

  it('is due by then at the latest, whatever it waits for, so that it is settled', async () => {
    const waits: ((delivery: LeasedDelivery) => Promise<unknown>)[] = [
      (delivery) => markRetrying(dataSource.manager, [{ delivery, reason: 'x', waitMs: 36_000_000 }]),
      (delivery) => markUnknown(dataSource.manager, [{ delivery, reason: 'x', waitMs: 36_000_000 }]),
      async () => {
        await dataSource.query(
          `update deliveries set lease_until = now() - interval '1 second' where lease_until is not null`,
        );
        await expireLeases(dataSource.manager, { channel: 'email', unknownWaitMs: 36_000_000, maxUnknowns: null });
      },
    ];
    for (const wait of waits) {
      const delivery = await claimedCode();
      await begin(dataSource, [delivery]);
      await wait(delivery);
      expect(await rowOf(delivery.id)).toMatchObject({ isDueWhenExpired: true, hasCode: true });
    }
  });

  it('does not make deliveries due earlier that never expire', async () => {
    const id = await insertDelivery(dataSource);
    const [delivery] = await claim(dataSource);
    await markRetrying(dataSource.manager, [{ delivery: delivery!, reason: 'x', waitMs: 36_000_000 }]);
    expect(await rowOf(id)).toMatchObject({ isSoon: false });
  });

  it('is purged with its request when nobody could claim it', async () => {
    const gone = await claimedCode();
    const kept = await claimedCode();
    await begin(dataSource, [gone, kept]);
    const waiting = [gone, kept].map((delivery) => ({ delivery, reason: 'x', waitMs: 1_000 }));
    await markRetrying(dataSource.manager, waiting);
    await dataSource.query(`update deliveries set expires_at = now() - interval '1 second' where id = $1`, [gone.id]);
    await dataSource.query(`update sealed_codes set expires_at = now() - interval '1 second' where delivery_id = $1`, [
      gone.id,
    ]);
    expect(await purgeRecords(dataSource, { signal: new AbortController().signal })).toBe(2);
    expect(await rowOf(gone.id)).toMatchObject({ hasCode: false, hasRequest: false });
    expect(await rowOf(kept.id)).toMatchObject({ hasCode: true, hasRequest: true });
  });
});

describe('a code whose delivery ends', () => {
  const ends: [string, Result][] = [
    ['accepted', { state: 'accepted', ref: 'ref' }],
    ['dead', { state: 'dead', reason: 'refused' }],
    ['skipped', { state: 'skipped', reason: 'expired' }],
  ];

  it.each(ends)(
    '%s is wiped in the same transaction, with its request, and no event is published',
    async (state, result) => {
      const delivery = await claimedCode();
      if (state !== 'skipped') await begin(dataSource, [delivery]);
      await recorder.record(delivery, result);
      expect(await rowOf(delivery.id)).toMatchObject({ state, hasCode: false, hasRequest: false });
      expect(await outboxEvents(dataSource)).toEqual([]);
    },
  );

  it('by a webhook is wiped, too, and no event is published', async () => {
    const delivery = await claimedCode();
    await begin(dataSource, [delivery]);
    await markUnknown(dataSource.manager, [{ delivery, reason: 'x', waitMs: 1_000 }]);
    const data = { email_id: 'mail-1', tags: { delivery: delivery.id } };
    const report = readReport({ type: 'email.delivered', data });
    await dataSource.transaction((manager) => applyReports(manager, [report!], [emailOver()]));
    expect(await rowOf(delivery.id)).toMatchObject({ state: 'accepted', hasCode: false, hasRequest: false });
    expect(await outboxEvents(dataSource)).toEqual([]);
  });
});

it('a link that is requested waits beside the pending digest for the same guest and ticket', async () => {
  const ticketId = randomUUID();
  const key = 'bellhop:guest:jana@example.com';
  const due = new Date(Date.now() + 60_000);
  await insertDelivery(dataSource, { system: 'bellhop', ticket_id: ticketId, recipient_key: key, due_at: due });
  const mail = {
    requestId: randomUUID(),
    ticketId,
    number: 'N1',
    email: 'jana@example.com',
    template: 'link',
  } as const;
  expect(await insertGuestMail(dataSource, mail)).toBe(true);
  expect(await insertGuestMail(dataSource, mail)).toBe(false);
  expect((await claim(dataSource)).map(({ template, isAlone }) => [template, isAlone])).toEqual([['link', false]]);
  expect(await dataSource.query('select 1 from told')).toEqual([]);
});
