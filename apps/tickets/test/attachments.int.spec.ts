import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { attachmentView, messageView, ticketResponse } from '@bellhop/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';
import { pdf, png } from './sample-files.js';

let tickets: RunningTickets;
let ada: Person;
let agent: Person;

beforeAll(async () => {
  tickets = await runningTickets();
  ada = await tickets.as('ada@example.com');
  agent = await tickets.as('agent@example.com');
});
afterAll(() => tickets?.stop());

const filing = { category: 'trading', subject: 'Order stuck', body: 'See the screenshot.' };

async function uploaded(by: Person, name = 'a.png', content: Uint8Array | string = png()): Promise<string> {
  const { status, body } = await by.upload(name, content);
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.id;
}

async function filed(by: Person = ada, attachmentIds: string[] = []): Promise<string> {
  return (await by.post('/tickets', { ...filing, attachmentIds })).body.id;
}

const stored = async () => (await readdir(tickets.folder, { recursive: true })).filter((path) => path.length > 32);

describe('a file', () => {
  it('is uploaded, sent with a message, and seen by both sides', async () => {
    const answer = await ada.upload('Bildschirmfoto 1.png', png(), { type: 'text/html' });
    expect(answer.status).toBe(201);
    const shot = attachmentView.strict().parse(answer.body);
    expect(shot).toEqual({ id: shot.id, name: 'Bildschirmfoto 1.png', type: 'image/png', sizeBytes: png().length });
    const statement = await uploaded(ada, 'statement.pdf', pdf());
    const id = await filed(ada, [statement, shot.id]);
    const { messages } = ticketResponse.strict().parse((await ada.get(`/tickets/${id}`)).body);
    expect(messages[0]?.attachments).toMatchObject([{ id: statement, type: 'application/pdf' }, shot]);
    expect((await agent.get(`/desk/tickets/${id}`)).body.messages).toEqual(messages);
    for (const reader of [ada, agent]) expect((await reader.get(`/attachments/${shot.id}`)).status).toBe(200);
  });

  it.each([
    ['little end first', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['big end first', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ])('of text in UTF-16, %s, is given out as UTF-8, and nothing else is left of it', async (_, encoded) => {
    const before = (await stored()).length;
    const text = `time;what\r\n9:15;Zażółć 漢字 🦉${'\r\n9:16;x'.repeat(20_000)}`;
    const note = await ada.upload('note.txt', encoded(text));
    expect(note).toMatchObject({ status: 201, body: { type: 'text/plain', sizeBytes: Buffer.byteLength(text) } });
    const table = await ada.upload('table.csv', encoded(text));
    expect(table).toMatchObject({ status: 201, body: { type: 'text/csv', sizeBytes: Buffer.byteLength(text) } });
    const bearer = { authorization: `Bearer ${await tickets.token('ada@example.com')}` };
    const download = await fetch(`${tickets.url}/attachments/${note.body.id}`, { headers: bearer });
    expect(download.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await download.text()).toBe(text);
    expect((await stored()).length).toBe(before + 2);
    expect(await ada.upload('empty.txt', encoded(''))).toMatchObject({ status: 422, body: { code: 'file_empty' } });
    expect((await stored()).length).toBe(before + 2);
  });

  it('of text in UTF-16 that is too large as UTF-8 is refused, and nothing is left of it', async () => {
    const before = (await stored()).length;
    const answer = await ada.upload('note.txt', Buffer.from(`\ufeff${'漢'.repeat(7.5 * 1024 * 1024)}`, 'utf16le'));
    expect(answer).toMatchObject({ status: 413, body: { code: 'file_too_large' } });
    expect((await stored()).length).toBe(before);
  });

  it('of a refused type is answered with the reason and the accepted types', async () => {
    const page = await ada.upload('a.html', '<html>');
    expect(page).toMatchObject({ status: 415, body: { code: 'file_type_not_allowed' } });
    expect(page.body.detail).toMatch(/begins as a web page.+Taken are images/);
    expect((await ada.upload('a.txt', Buffer.from('Za\xbf\xf3', 'latin1'))).body.detail).toMatch(/no text in UTF-8/);
    expect((await ada.upload('a.pdf', Buffer.concat([pdf(), Buffer.from([0xff])]))).status).toBe(201);
    expect((await ada.upload('a.pdf', Buffer.concat([Buffer.from('\ufeff\r\n'), pdf()]))).body.type).toBe(
      'application/pdf',
    );
  });

  it('and its ticket are found under ids in capitals', async () => {
    const file = await uploaded(ada);
    const id = await filed(ada, [file.toUpperCase()]);
    expect((await ada.get(`/tickets/${id}`)).body.messages[0].attachments).toMatchObject([{ id: file }]);
    const capitals = id.toUpperCase();
    expect((await ada.get(`/tickets/${capitals}`)).body.ticket.id).toBe(id);
    expect((await agent.get(`/desk/tickets/${capitals}`)).status).toBe(200);
    expect((await ada.get(`/attachments/${file.toUpperCase()}`)).status).toBe(200);
    expect((await ada.put(`/tickets/${capitals}/seen`)).status).toBe(204);
    expect((await ada.post(`/tickets/${capitals}/messages`, { body: 'And?' })).status).toBe(201);
    expect((await agent.post(`/desk/tickets/${capitals}/replies`, { body: 'Yes.' })).status).toBe(201);
  });

  it('goes with answers of the customer and replies of an agent, and events say only that there is one', async () => {
    const id = await filed();
    const table = await uploaded(ada, 'orders.csv', 'time,order\n9:15,123\n');
    const answered = await ada.post(`/tickets/${id}/messages`, { body: 'Here.', attachmentIds: [table] });
    expect(messageView.strict().parse(answered.body).attachments).toMatchObject([{ id: table, type: 'text/csv' }]);
    const reply = await agent.post(`/desk/tickets/${id}/replies`, {
      body: 'And here is the form.',
      attachmentIds: [await uploaded(agent, 'form.pdf', pdf())],
    });
    expect(reply.body.attachments).toMatchObject([{ name: 'form.pdf' }]);
    await agent.post(`/desk/tickets/${id}/replies`, { body: 'No file.' });
    const told = (await tickets.events(id, 4)).map(({ data }) => (data as { message?: object }).message);
    expect(told.map((message) => message && (message as { hasAttachments?: boolean }).hasAttachments)).toEqual([
      undefined,
      true,
      true,
      false,
    ]);
    expect(JSON.stringify(await tickets.events(id, 4))).not.toMatch(/orders|form\.pdf/);
  });

  it('is read with one query for a whole conversation', async () => {
    const id = await filed(ada, [await uploaded(ada)]);
    for (let n = 0; n < 3; n++) {
      await ada.post(`/tickets/${id}/messages`, { body: 'More', attachmentIds: [await uploaded(ada)] });
    }
    const { messages } = (await ada.get(`/tickets/${id}`)).body;
    expect(messages.map((message: { attachments: unknown[] }) => message.attachments.length)).toEqual([1, 1, 1, 1]);
  });

  it('has its headers answered to HEAD, without its content', async () => {
    const id = await uploaded(ada, 'a.pdf', pdf());
    const head = await ada.send('HEAD', `/attachments/${id}`);
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers.get('content-length')).toBe(String(pdf().length));
    expect(head.headers.get('content-type')).toBe('application/pdf');
  });

  it('is downloaded byte for byte', async () => {
    const content = new Uint8Array(3_000_000).map((_, at) => at * 13);
    content.set(png());
    const id = await uploaded(ada, 'large.png', content);
    const reply = await fetch(`${tickets.url}/attachments/${id}`, {
      headers: { authorization: `Bearer ${await tickets.token('ada@example.com')}` },
    });
    expect(Buffer.from(await reply.arrayBuffer()).equals(Buffer.from(content))).toBe(true);
  });
});

describe('S33 an upload that is sent twice', () => {
  it('with one key is one file; with another file it is refused', async () => {
    const key = randomUUID();
    const first = await ada.upload('a.png', png(), { key });
    const before = await stored();
    const again = await ada.upload('a.png', png(), { key });
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await stored()).toEqual(before);
    const other = await ada.upload('a.png', Buffer.concat([png(), Buffer.from('x')]), { key });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(await stored()).toEqual(before);
  });

  it('and a message that is sent twice takes its files once', async () => {
    const [key, id] = [randomUUID(), await filed()];
    const body = { body: 'Here.', attachmentIds: [await uploaded(ada)] };
    const answers = await Promise.all([1, 2, 3].map(() => ada.post(`/tickets/${id}/messages`, body, { key })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  });
});

describe('a message', () => {
  it('gets no file of another message, and of two concurrent ones one gets it', async () => {
    const [one, two] = [await filed(), await filed()];
    const file = await uploaded(ada);
    const answers = await Promise.all(
      [one, two].map((id) => ada.post(`/tickets/${id}/messages`, { body: 'Mine', attachmentIds: [file] })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 404]);
    const late = await ada.post(`/tickets/${one}/messages`, { body: 'Mine', attachmentIds: [file] });
    expect(late).toMatchObject({ status: 404, body: { code: 'attachment_not_found' } });
  });

  it('whose file is missing is not written at all, and the answer names the file', async () => {
    const [id, mine, unknown] = [await filed(), await uploaded(ada), randomUUID()];
    const answer = await ada.post(`/tickets/${id}/messages`, { body: 'Both', attachmentIds: [mine, unknown] });
    expect(answer).toMatchObject({
      status: 404,
      body: { code: 'attachment_not_found', errors: [{ path: 'attachmentIds.1' }] },
    });
    expect(answer.body.detail).toContain(unknown);
    expect(answer.body.detail).not.toContain(mine);
    expect((await ada.get(`/tickets/${id}`)).body.messages).toHaveLength(1);
    const retried = await ada.post(`/tickets/${id}/messages`, { body: 'One', attachmentIds: [mine, mine] });
    expect(retried.body.attachments).toHaveLength(1);
    const ticket = await ada.post('/tickets', { ...filing, attachmentIds: [unknown] });
    expect(ticket).toMatchObject({ status: 404, body: { code: 'attachment_not_found' } });
  });

  it('needs no text if it has a file, of customers as of agents, and alerts tell of its file', async () => {
    const id = await filed();
    const [shot, statement] = [await uploaded(ada), await uploaded(agent, 'b.pdf', pdf())];
    expect(await ada.post(`/tickets/${id}/messages`, { body: ' ', attachmentIds: [shot] })).toMatchObject({
      status: 201,
      body: { body: '', attachments: [{ id: shot }] },
    });
    const reply = await agent.post(`/desk/tickets/${id}/replies`, { attachmentIds: [statement] });
    expect(reply).toMatchObject({ status: 201, body: { body: '', attachments: [{ id: statement }] } });
    const [, ...told] = await tickets.events(id, 3);
    expect(told).toMatchObject(Array(2).fill({ data: { message: { hasAttachments: true } } }));
    for (const body of [{}, { body: ' ' }, { body: '', attachmentIds: [] }]) {
      expect(await ada.post(`/tickets/${id}/messages`, body)).toMatchObject({
        status: 422,
        body: { code: 'invalid_request', errors: [{ path: 'body' }] },
      });
    }
  });

  it('takes ten files, and not eleven', async () => {
    const ids = await Promise.all(Array.from({ length: 11 }, () => uploaded(ada)));
    const eleven = await ada.post('/tickets', { ...filing, attachmentIds: ids });
    expect(eleven).toMatchObject({ status: 422, body: { errors: [{ path: 'attachmentIds' }] } });
    const id = await filed(ada, ids.slice(1));
    const { messages } = (await ada.get(`/tickets/${id}`)).body;
    expect(messages[0].attachments.map((file: { id: string }) => file.id)).toEqual(ids.slice(1));
  });
});

describe('a guest', () => {
  const browser = () =>
    `__Host-bellhop-browser=${Buffer.from(randomUUID() + randomUUID())
      .subarray(0, 32)
      .toString('base64url')}`;
  const guestFiling = (attachmentIds: string[]) => ({ ...filing, guest: { email: 'jana@example.com' }, attachmentIds });

  it('uploads before there is a ticket, files from the same browser, and reads it with a session', async () => {
    const cookie = browser();
    const jana = tickets.browser(cookie);
    const file = await uploaded(jana);
    expect((await jana.get(`/attachments/${file}`)).status).toBe(200);
    const { status, body } = await jana.post('/tickets', guestFiling([file]));
    expect(status).toBe(201);
    expect((await jana.get(`/attachments/${file}`)).status).toBe(401);
    const session = tickets.guestAuth.session('jana@example.com', [body.id]);
    const proven = tickets.browser(`${cookie}; ${session.cookie}`);
    expect((await proven.get(`/tickets/${body.id}`)).body.messages[0].attachments).toMatchObject([{ id: file }]);
    expect((await proven.get(`/attachments/${file}`)).status).toBe(200);
  });

  it('gets a browser cookie with the first upload', async () => {
    const answer = await tickets.nobody.upload('a.png', png());
    const [cookie] = (answer.headers.get('set-cookie') ?? '').split(';');
    expect(cookie).toMatch(/^__Host-bellhop-browser=[\w-]{43}$/);
    expect((await tickets.browser(cookie as string).get(`/attachments/${answer.body.id}`)).status).toBe(200);
  });

  it('answers with a file, also with one that was uploaded before the address was proven', async () => {
    const cookie = browser();
    const early = await uploaded(tickets.browser(cookie));
    const { id } = (await tickets.browser(cookie).post('/tickets', guestFiling([]))).body;
    const session = tickets.guestAuth.session('jana@example.com', [id]);
    const jana = tickets.browser(`${cookie}; ${session.cookie}`);
    const late = await uploaded(jana, 'b.pdf', pdf());
    const answer = await jana.post(`/tickets/${id}/messages`, { attachmentIds: [early, late] });
    expect(answer).toMatchObject({ status: 201, body: { attachments: [{ id: early }, { id: late }] } });
  });

  it('whose filing failed can send the same files again', async () => {
    const jana = tickets.browser(browser());
    const file = await uploaded(jana);
    tickets.guestAuth.mood = { refuses: 'over_budget' };
    expect((await jana.post('/tickets', guestFiling([file]))).status).toBe(429);
    tickets.guestAuth.mood = 'answers';
    expect((await jana.post('/tickets', guestFiling([file]))).status).toBe(201);
  });
});
