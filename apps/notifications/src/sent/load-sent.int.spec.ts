import { randomUUID } from 'node:crypto';
import { listSentResponse } from '@bellhop/contracts/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { insertDelivery } from '../../test/delivery-rows.js';
import { loadSent, type Reader } from './load-sent.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, push_attempts'));

const ADA = 'bellhop:user:ada';
const JANA = 'bellhop:guest:jana@example.com';
const ada: Reader = { keys: [ADA, 'bellhop:agent:ada', 'bellhop:guest:ada@example.com'], ticketIds: null };
const guestOf = (...ticketIds: string[]): Reader => ({ keys: [JANA], ticketIds });

let clock = Date.now();
/** Each is newer than the one before. Ids of Postgres are in the order of time. */
async function sent(columns: Record<string, unknown> = {}): Promise<string> {
  clock += 1_000;
  const at = new Date(clock);
  const [{ id }] = await dataSource.query('select uuidv7() as id');
  return insertDelivery(dataSource, {
    id,
    system: 'bellhop',
    recipient_key: ADA,
    state: 'accepted',
    attempted_at: at,
    settled_at: at,
    ...columns,
  });
}
const page = (reader: Reader, query: Partial<Parameters<typeof loadSent>[2]> = {}) =>
  loadSent(dataSource, reader, { limit: 25, ...query });
const idsOf = async (reader: Reader, query = {}) => (await page(reader, query)).items.map(({ id }) => id);

describe('what was sent to somebody', () => {
  it('is told newest first over all channels, without address and text', async () => {
    const mail = await sent({ endpoint: 'ada@example.com', feedback: 'delivered', copies: 1 });
    const push = await sent({ channel: 'push', endpoint: 'ada', template: 'resolved' });
    const entry = await sent({ channel: 'feed', endpoint: 'ada', recipient_key: 'bellhop:agent:ada' });
    for (const state of ['accepted', 'accepted', 'gone']) {
      await dataSource.query(`insert into push_attempts values ($1, $2, 'fcm', $3, null, null, 1, now())`, [
        push,
        randomUUID(),
        state,
      ]);
    }
    const answer = await page(ada);
    expect(answer).toMatchObject({
      items: [
        { id: entry, channel: 'feed', outcome: 'delivered', sentTo: null, devices: null },
        { id: push, channel: 'push', kind: 'resolved', outcome: 'sent', sentTo: null, devices: 2 },
        {
          id: mail,
          ticket: { id: 'T-1', number: 'N1' },
          channel: 'email',
          kind: 'replied',
          outcome: 'delivered',
          reason: null,
          sentTo: 'a***@e***',
          copies: 1,
        },
      ],
      next: null,
    });
    expect(listSentResponse.parse(answer)).toEqual(answer);
  });

  it('comes in pages that neither leave out nor repeat anything, across keys', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) ids.unshift(await sent({ recipient_key: ada.keys[index % 3] }));
    const first = await page(ada, { limit: 3 });
    const second = await page(ada, { limit: 3, cursor: first.next ?? '' });
    const third = await page(ada, { limit: 3, cursor: second.next ?? '' });
    expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids);
    expect(third.next).toBeNull();
  });

  it('is of one ticket, if asked for by id or number', async () => {
    const one = await sent({ ticket_id: 't-7', ticket_number: '7K4M2Q' });
    await sent();
    expect(await idsOf(ada, { ticket: 't-7' })).toEqual([one]);
    expect(await idsOf(ada, { ticket: '7k4m2q' })).toEqual([one]);
    expect(await idsOf(ada, { ticket: 'none' })).toEqual([]);
  });

  it('says why something was not sent, without the words of a provider', async () => {
    await sent({ state: 'dead', reason: 'refused: 550 ada@example.com has moved' });
    await sent({ state: 'skipped', reason: 'address_suppressed', attempted_at: null });
    const { items } = await page(ada);
    expect(items).toMatchObject([
      { outcome: 'not_sent', reason: 'address_suppressed' },
      { outcome: 'not_sent', reason: 'refused' },
    ]);
    expect(JSON.stringify(items)).not.toContain('moved');
  });

  it('is not what waits for its first attempt, nor what another message tells of', async () => {
    await sent({ state: 'pending', attempted_at: null, settled_at: null });
    await sent({ state: 'skipped', reason: 'folded', attempted_at: null });
    await sent({ state: 'skipped', reason: 'overtaken', attempted_at: null });
    expect(await idsOf(ada)).toEqual([]);
    const retried = await sent({ state: 'retrying', reason: 'greylisted', settled_at: null });
    expect(await page(ada)).toMatchObject({ items: [{ id: retried, outcome: 'waiting', reason: null }] });
  });

  it("is nobody else's: not another system's user of the same id, nor the team's", async () => {
    for (const key of ['crm:user:ada', 'crm:guest:ada@example.com', 'bellhop:team', 'bellhop:user:bob', JANA]) {
      await sent({ recipient_key: key, endpoint: 'ada@example.com' });
    }
    expect(await idsOf(ada)).toEqual([]);
  });
});

describe('what was sent to a guest', () => {
  it('is told of the tickets that the session has opened, with the codes for them', async () => {
    const code = await sent({ recipient_key: JANA, ticket_id: 'AAAA22', ticket_number: 'AAAA22', template: 'code' });
    const one = await sent({ recipient_key: JANA, ticket_id: 't-1', ticket_number: 'AAAA22' });
    const link = await sent({ recipient_key: JANA, ticket_id: 't-1', ticket_number: 'AAAA22', template: 'link' });
    await sent({ recipient_key: JANA, ticket_id: 't-2', ticket_number: 'BBBB22' });
    await sent({ recipient_key: JANA, ticket_id: 'BBBB22', ticket_number: 'BBBB22', template: 'code' });
    await sent({ recipient_key: 'bellhop:guest:eve@example.com', ticket_id: 't-1', ticket_number: 'AAAA22' });
    expect((await page(guestOf('t-1'))).items).toMatchObject([
      { id: link, kind: 'fresh_link' },
      { id: one, ticket: { id: 't-1', number: 'AAAA22' } },
      { id: code, kind: 'code', ticket: { id: null, number: 'AAAA22' } },
    ]);
    expect(await idsOf(guestOf())).toEqual([]);
  });
});
