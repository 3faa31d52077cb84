import { randomUUID } from 'node:crypto';
import { type RequestOptions, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

let tickets: RunningTickets;
let ada: Person;
let agent: Person;

beforeAll(async () => {
  tickets = await runningTickets();
  ada = await tickets.as('ada@example.com');
  agent = await tickets.as('agent@example.com');
});
afterAll(() => tickets.stop());

const filing = { category: 'other', subject: 'Subject', body: 'Body' };
const filed = async (body: object = filing) => (await ada.post('/tickets', body)).body.id as string;
const count = async (table: string) =>
  (await tickets.database.dataSource.query(`select count(*)::int as n from ${table}`))[0].n as number;

describe('S27 an id that is none', () => {
  const NO_IDS = [
    ['nothing', '/'],
    ['null', 'null'],
    ['an empty list', '[]'],
    ['an empty object', '{}'],
    ['a number', '0'],
    ['10 kB', 'a'.repeat(10_000)],
    ['a NUL', '%00'],
    ['half a character', '%ff'],
    ['SQL', `${randomUUID()}'%20or%20true--`],
    ['a way out', '..%2f..%2fdesk'],
    ['braces around', `%7B${randomUUID()}%7D`],
    ['no dashes', randomUUID().replaceAll('-', '')],
  ];

  it.each(NO_IDS)('(%s) is not found, like any other that does not exist', async (_what, id) => {
    for (const [person, path] of [
      [ada, '/tickets'],
      [agent, '/desk/tickets'],
    ] as const) {
      const answers = await Promise.all([
        person.get(`${path}/${id}`),
        person.post(`${path}/${id}/closing`),
        person.post(`${path}/${id}/${person === ada ? 'messages' : 'replies'}`, { body: 'Hello' }),
      ]);
      for (const { status, headers } of answers) {
        expect(status).toBe(404);
        expect(headers.get('content-type')).toContain('application/problem+json');
      }
    }
  });

  it('that is cut short or extended is not found', async () => {
    const id = await filed();
    for (const wrong of [id.slice(0, -1), `${id}0`, ` ${id}`, `${id}%0a`]) {
      expect((await ada.get(`/tickets/${wrong}`)).body).toMatchObject({ status: 404, code: 'ticket_not_found' });
    }
  });
});

describe('what people write', () => {
  const refused: [string, object][] = [
    ['no subject', { ...filing, subject: undefined }],
    ['a blank subject', { ...filing, subject: ' \t ' }],
    ['a subject of 201 characters', { ...filing, subject: 'x'.repeat(201) }],
    ['a subject of two lines', { ...filing, subject: 'a\r\nBcc: b' }],
    ['a subject that is a list', { ...filing, subject: ['a'] }],
    ['a body of 20,001 characters', { ...filing, body: 'x'.repeat(20_001) }],
    ['a blank body', { ...filing, body: '\n\n' }],
    ['a NUL in the body', { ...filing, body: 'a\u0000b' }],
    ['half a surrogate pair', { ...filing, body: 'a\ud800b' }],
    ['a category of its own', { ...filing, category: 'vip' }],
    ['an object for everything', { category: {}, subject: {}, body: {} }],
  ];

  it.each(refused)('%s is refused, and nothing is kept', async (_what, body) => {
    const before = await count('tickets');
    expect(await ada.post('/tickets', body)).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(await count('tickets')).toBe(before);
  });

  it.each(['', '{', 'null', '"text"', '[]'])('%j instead of an object is refused', async (body) => {
    const { status } = await ada.post('/tickets', body, { headers: { 'content-type': 'application/json' } });
    expect([400, 422]).toContain(status);
  });

  it('is stored unchanged up to the limit, without blanks around', async () => {
    const subject = '<script>alert(1)</script> Ωμέγα '.padEnd(199, '"').concat("'");
    const body = `  ${'漢'.repeat(19_998)}🦉\n`;
    const { ticket, messages } = (await ada.get(`/tickets/${await filed({ ...filing, subject, body })}`)).body;
    expect(ticket.subject).toBe(subject);
    expect(messages[0].body).toBe(body.trim());
  });
});

describe('S33 a request that is sent twice', () => {
  it('files one ticket, and gets the same answer', async () => {
    const [key, before] = [randomUUID(), await count('tickets')];
    const answers = await Promise.all([1, 2, 3].map(() => ada.post('/tickets', filing, { key })));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(await count('tickets')).toBe(before + 1);
    const other = await ada.post('/tickets', { ...filing, body: 'Other' }, { key });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  it('needs a key where a repetition would do something twice', async () => {
    const id = await filed();
    const routes: [Person, string, object][] = [
      [ada, '/tickets', filing],
      [ada, `/tickets/${id}/messages`, { body: 'Hello' }],
      [agent, `/desk/tickets/${id}/replies`, { body: 'Hello' }],
      [agent, `/desk/tickets/${id}/information-requests`, { body: 'Hello' }],
      [agent, `/desk/tickets/${id}/notes`, { body: 'Hello' }],
    ];
    for (const [person, path, body] of routes) {
      const answer = await person.post(path, body, { key: null });
      expect([path, answer.status, answer.body.code]).toEqual([path, 400, 'idempotency_key_required']);
    }
  });

  it('writes one message, and keys of different people never collide', async () => {
    const [id, key] = [await filed(), randomUUID()];
    const path = `/tickets/${id}/messages`;
    const [first, again] = [
      await ada.post(path, { body: 'Hi' }, { key }),
      await ada.post(path, { body: 'Hi' }, { key }),
    ];
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const jan = await tickets.as('jan@example.com');
    expect((await jan.post(path, { body: 'Hi' }, { key })).status).toBe(404);
    expect((await tickets.events(id, 2)).map(({ type }) => type)).toEqual([
      'ticket.created.v1',
      'ticket.customer_replied.v1',
    ]);
  });

  it('is recognised by its key where none is required, too', async () => {
    const [id, key] = [await filed(), randomUUID()];
    const closed = await ada.post(`/tickets/${id}/closing`, undefined, { key });
    await ada.post(`/tickets/${id}/reopening`);
    expect((await ada.post(`/tickets/${id}/closing`, undefined, { key })).body).toEqual(closed.body);
    expect((await ada.get(`/tickets/${id}`)).body.ticket.status).toBe('open');
  });
});

describe('S21 a note', () => {
  it('is on no route of a customer, in no event, and changes no list', async () => {
    const [id, canary] = [await filed(), `canary-${randomUUID()}`];
    const before = (await ada.get(`/tickets/${id}`)).body;
    expect((await agent.post(`/desk/tickets/${id}/notes`, { body: canary })).status).toBe(201);
    await agent.post(`/desk/tickets/${id}/replies`, { body: 'Public' });
    expect(await ada.get(`/tickets/${id}`)).toMatchObject({
      body: { messages: { length: 2 }, timeline: { length: 2 } },
    });
    await ada.post(`/tickets/${id}/closing`);
    const shown = [
      before,
      (await ada.get(`/tickets/${id}`)).body,
      (await ada.get('/tickets?limit=100')).body,
      (await ada.post(`/tickets/${id}/reopening`)).body,
      await tickets.events(id, 4),
      await tickets.database.dataSource.query('select data from outbox'),
      (await agent.get('/desk/tickets?limit=100')).body,
    ];
    expect(JSON.stringify(shown)).not.toContain(canary);
    expect(JSON.stringify((await agent.get(`/desk/tickets/${id}`)).body)).toContain(canary);
    expect((await tickets.events(id, 4)).map((event) => event.data.ticket.version)).toEqual([1, 2, 3, 4]);
  });
});

describe('S15 a forged host', () => {
  it('is in no answer and in no event', async () => {
    const token = await tickets.token('ada@example.com');
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example;proto=https',
    };
    const filing = JSON.stringify({ category: 'other', subject: 'Subject', body: 'Body' });
    const answer = await raw('/tickets', { method: 'POST', headers }, filing);
    const { id } = JSON.parse(answer.split('\r\n\r\n')[1] as string);
    const shown = [answer, await raw(`/tickets/${id}`, { headers }), await raw('/nothing', { headers })];
    expect(shown.join() + JSON.stringify(await tickets.events(id, 1))).not.toContain('evil');
  });

  it('of a page is refused where something would change', async () => {
    const answer = await ada.post('/tickets', filing, { headers: { origin: 'https://evil.example' } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'foreign_origin' } });
  });
});

/** Head and body of an answer; `fetch` would not let us choose the host. */
function raw(path: string, options: RequestOptions, body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(tickets.url + path, options, async (response) => {
      const head = response.rawHeaders.join('\n');
      resolve(`${head}\r\n\r\n${(await response.toArray()).join('')}`);
    });
    sent.on('error', reject).end(body);
  });
}
