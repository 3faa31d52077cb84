import { randomUUID } from 'node:crypto';
import { Housekeeping } from '@bellhop/service';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

let housekeeping: Housekeeping;

@Module({})
class HousekeepingWitness {
  constructor(given: Housekeeping) {
    housekeeping = given;
  }
}

let tickets: RunningTickets;
let ada: Person;
let jan: Person;

beforeAll(async () => {
  tickets = await runningTickets({
    modules: [HousekeepingWitness],
    config: { TICKETS_PER_PERSON: 5, MESSAGES_PER_PERSON: 7 },
  });
  [ada, jan] = [await tickets.as('ada@example.com'), await tickets.as('jan@example.com')];
});
afterAll(() => tickets?.stop());
beforeEach(() => all('delete from person_days'));

const all = (sql: string, values?: unknown[]) => tickets.database.dataSource.query(sql, values);
const filing = { category: 'trading', subject: 'Order stuck', body: 'Order 123 has been open since 9:15.' };
const counted = (statuses: { status: number }[], wanted: number) =>
  statuses.filter(({ status }) => status === wanted).length;

describe('a customer', () => {
  it('files at most so many tickets in a day, concurrent ones included, and learns when the limit resets', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.post('/tickets', filing)));
    expect([counted(answers, 201), counted(answers, 429)]).toEqual([5, 15]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({
      code: 'too_many_tickets',
      detail: expect.stringMatching(/^One person may send 5 tickets/),
    });
    const seconds = Number(refused?.headers.get('retry-after'));
    const midnight = new Date().setUTCHours(24, 0, 0, 0);
    expect(Math.abs(Date.now() + seconds * 1_000 - midnight)).toBeLessThan(60_000);
    expect((await jan.post('/tickets', filing)).status).toBe(201);
  });

  it('files again the next day, and yesterday’s count is deleted', async () => {
    for (let n = 0; n < 5; n++) expect((await ada.post('/tickets', filing)).status).toBe(201);
    await all('update person_days set day = day - 1');
    expect((await ada.post('/tickets', filing)).status).toBe(201);
    await housekeeping.runOnce();
    expect(await all('select tickets from person_days')).toEqual([{ tickets: 1 }]);
  });

  it('gets repeated answers without being counted again, and is not counted for refused requests', async () => {
    const key = randomUUID();
    expect((await ada.post('/tickets', filing, { key })).status).toBe(201);
    for (let n = 0; n < 10; n++) {
      expect((await ada.post('/tickets', filing, { key })).status).toBe(201);
      expect((await ada.post('/tickets', { ...filing, attachmentIds: [randomUUID()] })).status).toBe(404);
    }
    for (let n = 0; n < 4; n++) expect((await ada.post('/tickets', filing)).status).toBe(201);
    expect((await ada.post('/tickets', filing)).status).toBe(429);
    expect((await ada.post('/tickets', filing, { key })).status).toBe(201);
  });

  it('writes so many messages in a day, in whichever tickets, which agents do not count in', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 2; n++) ids.push((await ada.post('/tickets', filing)).body.id);
    const write = (n: number) => ada.post(`/tickets/${ids[n % 2]}/messages`, { body: 'Hello?' });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => write(n)));
    expect([counted(answers, 201), counted(answers, 429)]).toEqual([7, 5]);
    expect((await write(0)).body.code).toBe('too_many_messages');
    const agent = await tickets.as('agent@example.com');
    for (let n = 0; n < 8; n++) {
      expect((await agent.post(`/desk/tickets/${ids[0]}/replies`, { body: 'Hello.' })).status).toBe(201);
    }
    expect((await ada.post(`/tickets/${ids[0]}/closing`)).status).toBe(200);
  });
});

it('a guest writes as many, however many sessions they begin', async () => {
  const { id } = (await tickets.nobody.post('/tickets', { ...filing, guest: { email: 'Jana@example.com' } })).body;
  const write = () => {
    const { cookie } = tickets.guestAuth.session('jana@example.com', [id]);
    return tickets.browser(cookie).post(`/tickets/${id}/messages`, { body: 'Hello?' });
  };
  for (let n = 0; n < 7; n++) expect((await write()).status).toBe(201);
  expect(await write()).toMatchObject({ status: 429, body: { code: 'too_many_messages' } });
});
