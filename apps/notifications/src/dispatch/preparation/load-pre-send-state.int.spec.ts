import { randomUUID } from 'node:crypto';
import { mailboxOf } from '@bellhop/contracts/persons';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import { begin, claim, emailOver, insertDelivery, nobodyErased } from '../../../test/delivery-rows.js';
import { loadPreSendState, type PreSendState } from './load-pre-send-state.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, told, known_tickets, suppressions'));

const MINUTE_MS = 60_000;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS);
/** Another delivery, which is not due. */
const beside = (columns: Record<string, unknown>) =>
  insertDelivery(dataSource, { due_at: new Date(Date.now() + 60 * MINUTE_MS), ...columns });
const attempted = (minutes: number, { endpoint = 'u@example.com', ...columns }: Record<string, unknown> = {}) => {
  const at = minutesAgo(minutes);
  const ceiling_key = mailboxOf(endpoint as string).address;
  return beside({ state: 'accepted', attempted_at: at, settled_at: at, endpoint, ceiling_key, ...columns });
};

/** The pre-send state of one delivery, version 3 of T-1, that was just claimed. */
async function stateOf(columns: Record<string, unknown> = {}): Promise<PreSendState> {
  // Not pending: a person, ticket and channel can have only one pending delivery.
  const id = await insertDelivery(dataSource, { state: 'retrying', ...columns });
  const claimed = await claim(dataSource);
  expect(claimed.map((delivery) => delivery.id)).toEqual([id]);
  return (await loadPreSendState(dataSource, emailOver(), claimed, nobodyErased())).get(id) as PreSendState;
}

describe('the pre-send state of a delivery', () => {
  it('has nothing that prevents sending, by default', async () => {
    expect(await stateOf()).toMatchObject({
      requesterKey: null,
      seenVersion: 0,
      answeredVersion: 0,
      notifiedVersion: 3,
      isSuppressed: false,
      isErased: false,
      hasSuccessor: false,
      outranked: null,
      recentForTicket: 0,
      recentForPerson: 0,
      ticketAgeMs: null,
      personAgeMs: null,
      recentForTeam: 0,
      teamAgeMs: null,
      teamWaiting: 0,
    });
  });

  it('has the current requester, what they saw and answered, and the notified watermark', async () => {
    await dataSource.query(`insert into known_tickets values ('crm', 'T-1', 7, 'crm:user:other', 5, 4)`);
    await dataSource.query(`insert into told values ('crm:user:u', 'crm', 'T-1', 'email', 6)`);
    expect(await stateOf()).toMatchObject({
      requesterKey: 'crm:user:other',
      seenVersion: 5,
      answeredVersion: 4,
      notifiedVersion: 6,
    });
  });

  it.each([
    ['as it was refused', 'u@example.com'],
    ['in capitals', 'U@Example.COM'],
  ])('knows an address that was refused for good, %s', async (_, address) => {
    await dataSource.query(
      `insert into suppressions (channel, endpoint, reason, delivery_id) values ('email', 'u@example.com', '550', gen_random_uuid())`,
    );
    expect((await stateOf({ endpoint: address })).isSuppressed).toBe(true);
  });

  it('does not confuse another address with a suppressed one', async () => {
    await dataSource.query(
      `insert into suppressions (channel, endpoint, reason, delivery_id) values ('email', 'uu@example.com', '550', gen_random_uuid())`,
    );
    expect((await stateOf()).isSuppressed).toBe(false);
  });

  it.each<[string, string | null, boolean]>([
    ['of all systems', null, true],
    ['of its system', '{crm}', true],
    ['of its system and another', '{bellhop,crm}', true],
    ['S40 of another system', '{erp}', false],
    ['S40 of a system that is called alike', '{crm2,cr}', false],
  ])('knows an address that gets no mails %s', async (_, systems, isSuppressed) => {
    await dataSource.query(
      `insert into suppressions (channel, endpoint, reason, delivery_id, systems) values ('email', 'u@example.com', 'x', gen_random_uuid(), $1)`,
      [systems],
    );
    expect((await stateOf()).isSuppressed).toBe(isSuppressed);
  });

  it.each([
    ['a newer one that waits', { version: 4 }, true],
    ['a newer one that failed', { version: 4, state: 'retrying' }, true],
    ['a newer one that says more', { version: 4, template: 'resolved', template_rank: 3 }, true],
    ['one that is older', { version: 2, state: 'retrying' }, false],
    ['a newer one that is being sent', { version: 4, state: 'sending' }, false],
    ['a newer one about another ticket', { version: 4, ticket_id: 'T-2' }, false],
    ['a newer one of another person', { version: 4, recipient_key: 'crm:user:v' }, false],
    ['a newer one over another channel', { version: 4, channel: 'push' }, false],
    ['S35 a newer one of another system', { version: 4, system: 'erp' }, false],
  ])('has a successor: %s', async (_, columns, hasSuccessor) => {
    await beside(columns);
    expect((await stateOf()).hasSuccessor).toBe(hasSuccessor);
  });

  it('has no successor in a newer delivery of lower rank', async () => {
    await beside({ version: 4 });
    expect((await stateOf({ template: 'resolved', template_rank: 3 })).hasSuccessor).toBe(false);
  });

  const solution = { state: 'retrying', version: 2, template: 'resolved', template_rank: 3 };

  it('is outranked by the failed older delivery of the highest rank, and has its time', async () => {
    const at = '2026-11-25T08:00:00Z';
    await beside({ ...solution, template: 'information_requested', template_rank: 2, version: 1, at });
    expect((await stateOf({ recipient_key: 'crm:user:u' })).outranked).toMatchObject({
      template: 'information_requested',
      at: expect.stringMatching(/^2026-11-25T/),
    });
    await dataSource.query(`delete from deliveries where state = 'leased'`);
    await beside(solution);
    expect((await stateOf()).outranked).toEqual({ template: 'resolved', at: null });
  });

  it.each([
    ['one that may have arrived', { ...solution, unknowns: 1 }],
    ['one that is newer', { ...solution, version: 4 }],
    ['one that says no more', { ...solution, template: 'replied', template_rank: 1 }],
    ['one that has ended', { ...solution, state: 'skipped' }],
    ['one of another person', { ...solution, recipient_key: 'crm:user:v' }],
    ['one about another ticket', { ...solution, ticket_id: 'T-2' }],
    ['S35 one of another system', { ...solution, system: 'erp' }],
  ])('is not outranked by %s', async (_, columns) => {
    await beside(columns);
    expect((await stateOf()).outranked).toBeNull();
  });

  it('counts the mails to this person, about the ticket in ten minutes and about all in an hour, with the age of the oldest', async () => {
    await attempted(1);
    await attempted(8, { state: 'sending' });
    await attempted(9, { ticket_id: 'T-2', state: 'unknown' });
    await attempted(11);
    await attempted(50, { ticket_id: 'T-3' });
    await attempted(61);
    await attempted(2, { state: 'retrying' });
    await attempted(2, { state: 'dead' });
    await attempted(2, { recipient_key: 'crm:user:v', endpoint: 'v@example.com' });
    await attempted(2, { recipient_role: 'assignee' });
    // A ticket with the same id in another system is another ticket.
    await attempted(3, { system: 'erp' });
    const { recentForTicket, recentForPerson, ticketAgeMs, personAgeMs } = await stateOf();
    expect([recentForTicket, recentForPerson]).toEqual([2, 6]);
    expect(Math.abs((ticketAgeMs ?? 0) - 8 * MINUTE_MS)).toBeLessThan(5_000);
    expect(Math.abs((personAgeMs ?? 0) - 50 * MINUTE_MS)).toBeLessThan(5_000);
  });

  it.each<[string, Record<string, unknown>, string, number]>([
    ['another id', { recipient_key: 'crm:user:v' }, 'u@example.com', 1],
    ['another system', { recipient_key: 'erp:user:u', system: 'erp' }, 'u@example.com', 1],
    ['capitals', {}, 'U@Example.COM', 1],
    ['what stands behind a plus', {}, 'u+a+b@example.com', 1],
    ['a tag behind another sign', {}, 'u-a@example.com', 0],
    ['a domain below', {}, 'u@mail.example.com', 0],
    ['another mailbox that begins alike', {}, 'uu@example.com', 0],
    ['another domain', {}, 'u@example.org', 0],
    ['nothing before the plus', {}, '+u@example.com', 0],
  ])('S23 counts mails to one mailbox: %s', async (_, columns, address, recentForPerson) => {
    await attempted(2, { ticket_id: 'T-2', endpoint: address, ...columns });
    expect(await stateOf()).toMatchObject({ recentForPerson });
    await dataSource.query('truncate deliveries');
    // And the other way round.
    await attempted(2, { ticket_id: 'T-2', ...columns });
    expect(await stateOf({ endpoint: address })).toMatchObject({ recentForPerson });
  });

  it.each([
    ['dots at Google', 'u.l.l.a@gmail.com'],
    ['its other domain', 'ulla@googlemail.com'],
    ['all of it', 'U.Lla+x-y@GoogleMail.com'],
  ])('S23 counts a mail that went to one spelling against another: %s', async (_, address) => {
    await insertDelivery(dataSource, {
      recipient_key: 'erp:user:x',
      system: 'erp',
      ticket_id: 'T-2',
      endpoint: address,
    });
    const claimed = await claim(dataSource);
    await begin(dataSource, claimed);
    expect((await stateOf({ endpoint: 'ulla@gmail.com' })).recentForPerson).toBe(1);
  });

  it('S23 does not count a requested code as an alert', async () => {
    await insertDelivery(dataSource, {
      recipient_key: 'k',
      ticket_id: 'T-2',
      request_id: randomUUID(),
      template: 'code',
    });
    await begin(dataSource, await claim(dataSource));
    expect(await stateOf()).toMatchObject({ recentForPerson: 0 });
  });

  it('S23 counts only up to the ceiling, and still sees that it is exceeded', async () => {
    for (let index = 0; index < 120; index++) await attempted(2, { ticket_id: `X-${index}` });
    expect(await stateOf()).toMatchObject({ recentForPerson: 100 });
  });

  it('counts what else waits for the team, and what was sent to it in the last minute', async () => {
    const team = {
      recipient_key: 'bellhop:team',
      recipient_role: 'team',
      system: 'bellhop',
      endpoint: 'team@example.com',
    };
    await attempted(0.5, { ...team, ticket_id: 'A' });
    await attempted(0.9, { ...team, ticket_id: 'B' });
    await attempted(1.1, { ...team, ticket_id: 'C' });
    await beside({ ...team, ticket_id: 'D' });
    await beside({ ...team, ticket_id: 'E', state: 'retrying' });
    await beside({ ...team, ticket_id: 'F', state: 'retrying', unknowns: 1 });
    await beside({ ticket_id: 'G' });
    const { recentForTeam, teamAgeMs, teamWaiting } = await stateOf(team);
    expect([recentForTeam, teamWaiting]).toEqual([2, 2]);
    expect(Math.abs((teamAgeMs ?? 0) - 0.9 * MINUTE_MS)).toBeLessThan(5_000);
  });

  it('does not count its own earlier attempt', async () => {
    expect(await stateOf({ state: 'unknown', attempted_at: minutesAgo(1), unknowns: 1 })).toMatchObject({
      recentForTicket: 0,
      recentForPerson: 0,
    });
  });

  it('S35 ignores what another system publishes about a ticket or person with the same id', async () => {
    await dataSource.query(`insert into known_tickets values ('erp', 'T-1', 99, 'erp:user:mallory', 99, 99)`);
    await dataSource.query(`insert into told values ('crm:user:u', 'erp', 'T-1', 'email', 99)`);
    await dataSource.query(`insert into told values ('crm:user:u', 'crm', 'T-1', 'push', 99)`);
    expect(await stateOf()).toMatchObject({
      requesterKey: null,
      seenVersion: 0,
      answeredVersion: 0,
      notifiedVersion: 3,
    });
  });
});
