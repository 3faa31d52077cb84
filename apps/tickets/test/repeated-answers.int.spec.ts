import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StripKeptAnswers } from '../src/migrations/strip-kept-answers.js';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

let tickets: RunningTickets;
let ada: Person;
let agent: Person;
beforeAll(async () => {
  tickets = await runningTickets();
  [ada, agent] = await Promise.all([tickets.as('ada@example.com'), tickets.as('agent@example.com')]);
  await agent.get('/desk/tickets');
});
afterAll(() => tickets.stop());

const filing = { category: 'trading', subject: 'Secret subject', body: 'Secret words' };
const query = (sql: string) => tickets.database.dataSource.query(sql);
const kept = async () => (await query('select response::text from idempotency_keys')) as { response: string }[];

async function twice(by: Person, path: string, body?: object) {
  const options = { key: randomUUID() };
  const first = await by.post(path, body, options);
  return { first, again: () => by.post(path, body, options) };
}

describe('S33 a request that is sent again', () => {
  it('gets each answer whole, although none of its words and addresses is kept with the key', async () => {
    const file = await ada.upload('secret.txt', 'Secret content');
    const id = (await ada.post('/tickets', { ...filing, attachmentIds: [file.body.id] })).body.id;
    const upload = await ada.upload('secret-too.txt', 'Secret content');
    const [mine, desk] = [`/tickets/${id}`, `/desk/tickets/${id}`];
    const requests: [Person, string, object?][] = [
      [agent, `${desk}/assignment`, { agent: 'agent@example.com' }],
      [agent, `${desk}/replies`, { body: 'Secret reply' }],
      [ada, `${mine}/messages`, { body: 'Secret answer', attachmentIds: [upload.body.id] }],
      [agent, `${desk}/notes`, { body: 'Secret note' }],
      [agent, `${desk}/information-requests`, { body: 'Secret question' }],
      [agent, `${desk}/resolution`, { body: 'Secret solution' }],
      [ada, `${mine}/reopening`],
      [ada, `${mine}/closing`],
      [agent, `${desk}/reopening`],
      [agent, `${desk}/closing`],
    ];
    const sent = [];
    for (const [by, path, body] of requests) sent.push(await twice(by, path, body));
    // All of them only afterwards: an answer tells of the moment in which it was made.
    for (const { first, again } of sent) {
      const repeated = await again();
      expect([first.status, repeated.headers.get('idempotent-replayed')]).toEqual([expect.any(Number), 'true']);
      expect([200, 201]).toContain(first.status);
      expect({ status: repeated.status, body: repeated.body }).toEqual({ status: first.status, body: first.body });
    }
    const rows = await kept();
    expect(rows.length).toBeGreaterThan(requests.length);
    expect(JSON.stringify(rows)).not.toMatch(/secret|example\.com/i);
  });

  it('of an upload gets the name again, until the file is gone', async () => {
    const key = randomUUID();
    const first = await ada.upload('secret.txt', 'Secret content', { key });
    expect((await ada.upload('secret.txt', 'Secret content', { key })).body).toEqual(first.body);
    await query(`delete from attachments where id = '${first.body.id}'`);
    const late = await ada.upload('secret.txt', 'Secret content', { key });
    expect(late).toMatchObject({ status: 404, body: { code: 'attachment_not_found' } });
  });

  it('of a ticket that is gone finds nothing', async () => {
    const { id } = (await ada.post('/tickets', filing)).body;
    const answers = [];
    for (const [by, path, body] of [
      [ada, `/tickets/${id}/messages`, { body: 'Hello' }],
      [agent, `/desk/tickets/${id}/notes`, { body: 'Hello' }],
      [ada, `/tickets/${id}/closing`, undefined],
      [agent, `/desk/tickets/${id}/reopening`, undefined],
    ] as const) {
      answers.push(await twice(by, path, body));
    }
    await query(`delete from tickets where id = '${id}'`);
    for (const { again } of answers) {
      expect(await again()).toMatchObject({ status: 404, body: { code: 'ticket_not_found' } });
    }
  });
});

describe('answers that were kept whole by an older release', () => {
  it('lose their words and addresses with the migration, and can still be repeated', async () => {
    const { id } = (await ada.post('/tickets', filing)).body;
    const assigned = await twice(agent, `/desk/tickets/${id}/assignment`, { agent: 'agent@example.com' });
    const written = await twice(ada, `/tickets/${id}/messages`, { body: 'Secret words' });
    const noted = await twice(agent, `/desk/tickets/${id}/notes`, { body: 'Secret words' });
    for (const { first } of [assigned, written, noted]) {
      await tickets.database.dataSource.query(
        `update idempotency_keys set response = $1::jsonb where response->>'id' = $1::jsonb->>'id' and route <> 'POST /tickets'`,
        [JSON.stringify(first.body)],
      );
    }
    expect(JSON.stringify(await kept())).toMatch(/Secret words/);
    const runner = tickets.database.dataSource.createQueryRunner();
    await new StripKeptAnswers().up(runner);
    await runner.release();
    expect(JSON.stringify(await kept())).not.toMatch(/secret|example\.com/i);
    for (const { first, again } of [assigned, written, noted]) expect((await again()).body).toEqual(first.body);
  });
});
