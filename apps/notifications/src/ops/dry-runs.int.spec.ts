import type { TicketEvent } from '@bellhop/contracts/events';
import { dryRunResponse } from '@bellhop/contracts/http';
import { buildEvent } from '@bellhop/contracts/testing';
import type { Problem } from '@bellhop/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { emailOver, nobodyErased, readyDatabase, settingsOf } from '../../test/delivery-rows.js';
import type { Dispatchers } from '../dispatch/dispatchers.js';
import { Composer } from '../dispatch/preparation/composer.js';
import { Forecast } from '../dispatch/preparation/forecast.js';
import { IntakeService } from '../intake/intake.service.js';
import { DryRunsService } from './dry-runs.service.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
let intake: IntakeService;
let dryRuns: DryRunsService;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
  const database = readyDatabase(dataSource);
  const settings = settingsOf({ AGENTS_EMAIL: 'team@example.com' });
  const asleep = { wake: () => undefined } as unknown as Dispatchers;
  intake = new IntakeService(database, [emailOver()], asleep, settings, nobodyErased());
  dryRuns = new DryRunsService(
    database,
    intake,
    new Forecast([emailOver()], nobodyErased()),
    new Composer(settings),
    settings,
  );
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, decisions, told, known_tickets, inbox, suppressions'));

const TICKET = { id: 'T-1', number: 'N1', version: 3, url: 'https://crm.example.com/t' };
const solved = (more: Record<string, unknown> = {}, envelope: Record<string, unknown> = {}) =>
  buildEvent(
    'ticket.resolved.v1',
    { requester: { kind: 'guest', email: 'jana@example.com' }, ticket: { ...TICKET, ...more } },
    envelope,
  ) as TicketEvent;
const run = (event: unknown, system = 'crm') => dryRuns.run({ system, event });
const refused = (event: unknown, system?: string) =>
  run(event, system).then(fail, (problem: Problem) => problem.toDocument() as { detail?: string });
const fail = () => {
  throw new Error('was taken');
};
/** Every row of every table. */
async function everything(): Promise<unknown> {
  const tables: { name: string }[] = await dataSource.query(
    `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' order by 1`,
  );
  const rows = tables.map(async ({ name }) => [
    name,
    await dataSource.query(`select t::text from ${name} t order by 1`),
  ]);
  return Promise.all(rows);
}

describe('a dry run', () => {
  it('says who would be notified, how and when, without an address, and leaves nothing behind', async () => {
    const before = await everything();
    const event = solved();
    const answer = await run(event);
    expect(answer).toMatchObject({ system: 'crm', eventId: event.id, type: 'ticket.resolved.v1', isDuplicate: false });
    expect(answer.decisions).toEqual([
      {
        recipient: { role: 'requester', kind: 'guest', id: null },
        channel: 'email',
        outcome: 'deliver',
        reason: null,
        rule: null,
        decidedAt: expect.any(String),
        deliveryId: null,
        state: null,
        dueAt: expect.any(String),
        preview: {
          kind: 'mail',
          subject: 'Your support ticket N1 has been resolved',
          text: expect.stringContaining(TICKET.url),
          html: expect.stringContaining(TICKET.url),
          headers: {
            From: 'support@example.test',
            To: 'j***@e***',
            'Message-ID': '<00000000-0000-0000-0000-000000000000@example.test>',
            References: expect.stringMatching(/^<ticket\./),
            'In-Reply-To': expect.stringMatching(/^<ticket\./),
            'Auto-Submitted': 'auto-generated',
            'X-Auto-Response-Suppress': 'OOF, AutoReply',
            'List-Unsubscribe': '<https://support.example.test/api/unsubscribe/made-when-it-is-sent>',
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
            'Content-Language': 'en',
            'X-Delivery-ID': '00000000-0000-0000-0000-000000000000',
          },
        },
      },
    ]);
    expect(dryRunResponse.parse(answer)).toEqual(answer);
    expect(JSON.stringify(answer)).not.toContain('jana');
    expect(await everything()).toEqual(before);
  });

  it('says why nobody is: such events notify nobody', async () => {
    const { decisions } = await run(buildEvent('ticket.closed.v1', { ticket: TICKET }));
    expect(decisions).toMatchObject([{ recipient: null, outcome: 'skip', reason: 'nobody_hears' }]);
  });

  it('says why nobody is: the requester has seen this version', async () => {
    await intake.accept({ system: 'crm', event: buildEvent('ticket.seen.v1', { ticket: TICKET }) as TicketEvent });
    expect((await run(solved())).decisions).toMatchObject([{ outcome: 'skip', reason: 'seen' }]);
  });

  it('says what only the pre-send check can: the address is suppressed', async () => {
    await dataSource.query(
      `insert into suppressions (channel, endpoint, reason, delivery_id) values ('email', 'jana@example.com', 'bounced', gen_random_uuid())`,
    );
    expect((await run(solved())).decisions).toMatchObject([{ outcome: 'skip', reason: 'address_suppressed' }]);
  });

  it('names the pending delivery that would include it', async () => {
    const event = buildEvent('ticket.replied.v1', {
      requester: { kind: 'guest', email: 'jana@example.com' },
      ticket: { ...TICKET, version: 2 },
    });
    await intake.accept({ system: 'crm', event: event as TicketEvent });
    const [{ id }] = await dataSource.query('select id from deliveries');
    expect((await run(solved())).decisions).toMatchObject([{ deliveryId: id, state: 'pending' }]);
    expect(await dataSource.query('select event_ids from deliveries')).toEqual([{ event_ids: [event.id] }]);
  });

  it('recognises an event that was accepted before, with its decisions, and another one under its id', async () => {
    const event = solved();
    await intake.accept({ system: 'crm', event });
    const again = await run(event);
    expect(again).toMatchObject({ isDuplicate: true, decisions: [{ outcome: 'deliver', state: 'pending' }] });
    expect(again.decisions[0]?.deliveryId).not.toBeNull();
    const other = solved({ version: 9 }, { id: event.id });
    expect(await refused(other)).toMatchObject({ code: 'event_not_admissible', reason: 'id_reused' });
  });

  it.each([
    ['no event at all', undefined, 'crm', 'invalid_event', 'must be a JSON object'],
    ['a type that is none', { type: 'ticket.exploded.v1' }, 'crm', 'invalid_event', 'must be one of'],
    ['a field that is wrong', solved({ number: '#1' }), 'crm', 'invalid_event', 'data.ticket.number'],
    ['a type that is not for notifications', buildEvent('guest.address_proven.v1'), 'bellhop', 'subject_mismatch', ''],
    ['a link to elsewhere', solved({ url: 'https://evil.example.com/' }), 'crm', 'url_not_allowed', 'must begin with'],
    ['a system that nobody knows', solved(), 'erp', 'url_not_allowed', 'INBOUND_SYSTEMS'],
    ['too old', solved({}, { time: '2026-01-01T00:00:00Z' }), 'crm', 'too_old', 'is accepted for'],
    ['too much', { ...solved(), padding: 'x'.repeat(300_000) }, 'crm', 'too_large', '262144'],
  ])('refuses %s, with the sentence of its dead letter', async (_, event, system, reason, words) => {
    const before = await everything();
    const problem = await refused(event, system);
    expect(problem).toMatchObject({ status: 422, code: 'event_not_admissible', reason });
    expect(problem.detail).toContain(words);
    expect(await everything()).toEqual(before);
  });
});
