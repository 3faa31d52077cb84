import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { purgeUnproven } from '../src/guests/purge-unproven.js';
import { type RunningTickets, runningTickets } from './running-tickets.js';

const LIMIT = 20;

let tickets: RunningTickets;
beforeAll(async () => {
  tickets = await runningTickets({ config: { MAX_UNPROVEN_TICKETS: LIMIT, TRUSTED_PROXIES: ['127.0.0.1'] } });
});
afterAll(() => tickets.stop());
afterEach(() => all('delete from tickets'));

const all = (sql: string, values?: unknown[]) => tickets.database.dataSource.query(sql, values);
const form = { category: 'trading', subject: 'Order stuck', body: 'Order 123 has been open since 9:15.' };
const file = async (address: string, options = {}) => {
  const guest = { email: `${randomUUID()}@example.com` };
  const headers = { 'x-forwarded-for': address };
  return tickets.nobody.post('/tickets', { ...form, guest }, { headers, ...options });
};
const statusOf = async (address: string) => (await file(address)).status;
const fill = async (address: (index: number) => string) => {
  for (let index = 0; index < LIMIT; index += 1) expect(await statusOf(address(index))).toBe(201);
};

describe('S37 the largest number of unproven tickets', () => {
  it('S37 keep out whoever has filed them, and nobody else: three days would be long', async () => {
    await fill((index) => `203.0.113.${index}`);
    expect(await statusOf('203.0.113.7')).toBe(429);
    expect(await statusOf('198.51.100.7')).toBe(201);
    // That was their share of this day.
    expect(await statusOf('198.51.100.7')).toBe(429);
    expect(await statusOf('192.0.2.1')).toBe(201);
  });

  it.each<[string, number, (index: number) => string]>([
    ['one IPv4 address', 1, () => '198.51.100.7'],
    ['a /24', 2, (n) => `198.51.100.${n}`],
    ['a /16', 16, (n) => `198.51.${n}.7`],
    ['a /64', 1, (n) => `2001:db8:1:101::${n + 1}`],
    ['a /56', 2, (n) => `2001:db8:1:10${n}::1`],
    ['a /48', 4, (n) => `2001:db8:1:${n + 1}00::1`],
    ['a /32 of IPv6', 16, (n) => `2001:db8:${n + 1}::1`],
  ])('S37 leave to %s a share of %i', async (_, share, address) => {
    await fill((index) => `203.0.113.${index}`);
    const statuses = [];
    for (let index = 0; index <= share; index += 1) statuses.push(await statusOf(address(index)));
    expect(statuses).toEqual([...Array(share).fill(201), 429]);
  });

  it('S37 do not count against a network what it has proven, nor what it filed a day ago', async () => {
    await fill((index) => `203.0.113.${index}`);
    const { id } = (await file('198.51.100.7')).body;
    expect(await statusOf('198.51.100.7')).toBe(429);
    await all(`update tickets set status = 'open' where id = $1`, [id]);
    expect(await statusOf('198.51.100.7')).toBe(201);
    await all(`update tickets set created_at = created_at - interval '25 hours'`);
    expect(await statusOf('198.51.100.7')).toBe(201);
  });

  it('S37 change nothing for a filing that is repeated', async () => {
    const options = { key: randomUUID() };
    const guest = { email: 'again@example.com' };
    const headers = { 'x-forwarded-for': '198.51.100.7', cookie: `__Host-bellhop-browser=${'x'.repeat(43)}` };
    const send = () => tickets.nobody.post('/tickets', { ...form, guest }, { ...options, headers });
    const first = await send();
    expect(first.status).toBe(201);
    await fill((index) => `203.0.113.${index}`).catch(() => undefined);
    expect(await send()).toMatchObject({ status: 201, body: first.body });
  });

  it('are forgotten by where they came from after a day', async () => {
    await file('198.51.100.7');
    const networks = () => all('select networks from guest_filings');
    expect(await networks()).toEqual([{ networks: ['198.51.100.7/32', '198.51.100.0/24', '198.51.0.0/16'] }]);
    await all(`update guest_filings set leased_until = leased_until - interval '25 hours'`);
    await purgeUnproven(tickets.database.dataSource, { signal: new AbortController().signal });
    expect(await networks()).toEqual([{ networks: null }]);
  });
});
