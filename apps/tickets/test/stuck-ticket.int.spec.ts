import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

let tickets: RunningTickets;
let ada: Person;
beforeAll(async () => {
  tickets = await runningTickets();
  ada = await tickets.as('ada@example.com');
});
afterAll(() => tickets.stop());

describe('a ticket that somebody holds locked', () => {
  it('is 503 after two seconds, also for more requests than there are connections, and holds up no other', async () => {
    const filing = { category: 'other', subject: 'Stuck', body: 'Body' };
    const { id } = (await ada.post('/tickets', filing)).body;
    const holder = tickets.database.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('select from tickets where id = $1 for update', [id]);
    const startedAt = performance.now();
    const blocked = Array.from({ length: 10 }, () => ada.post(`/tickets/${id}/messages`, { body: 'Hello?' }));
    const answers = await Promise.all(blocked);
    const other = await ada.post('/tickets', filing);
    await holder.rollbackTransaction();
    await holder.release();
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect(other.status).toBe(201);
    expect((await ada.post(`/tickets/${id}/messages`, { body: 'Hello!' })).status).toBe(201);
  });
});
