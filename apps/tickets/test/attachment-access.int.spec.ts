import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';
import { gif, isoMedia, jpeg, ole, ooxml, pdf, png, webp, xls, zip } from './sample-files.js';

let tickets: RunningTickets;
let ada: Person;
let jan: Person;
let agent: Person;

beforeAll(async () => {
  tickets = await runningTickets();
  ada = await tickets.as('ada@example.com');
  jan = await tickets.as('jan@example.com');
  agent = await tickets.as('agent@example.com');
});
afterAll(() => tickets?.stop());

const filing = { category: 'other', subject: 'S', body: 'B' };
const uploaded = async (by: Person) => (await by.upload('a.png', png())).body.id as string;
const newBrowser = () =>
  tickets.browser(`__Host-bellhop-browser=${Buffer.from(randomUUID()).subarray(0, 32).toString('base64url')}`);

describe('S18 a file', () => {
  const NOT_FOUND = { status: 404, body: { code: 'attachment_not_found' } };
  const UNKNOWN = { status: 401, body: { code: 'sign_in_required' } };

  it('in a ticket can be read by those who may read the ticket, and does not exist for others', async () => {
    const file = await uploaded(ada);
    await ada.post('/tickets', { ...filing, attachmentIds: [file] });
    const path = `/attachments/${file}`;
    expect((await ada.get(path)).status).toBe(200);
    expect((await agent.get(path)).status).toBe(200);
    for (const stranger of [jan, await tickets.as('ops@example.com')]) {
      const [there, notThere] = [await stranger.get(path), await stranger.get(`/attachments/${randomUUID()}`)];
      expect(there).toMatchObject(NOT_FOUND);
      expect(there.body).toEqual(notThere.body);
    }
    for (const nobody of [tickets.nobody, newBrowser()]) {
      const [there, notThere] = [await nobody.get(path), await nobody.get(`/attachments/${randomUUID()}`)];
      expect(there).toMatchObject(UNKNOWN);
      expect(there.body).toEqual(notThere.body);
    }
  });

  it('that was not sent yet can be read by its uploader only, not by agents either', async () => {
    const [adas, guests, nobodys] = [await uploaded(ada), newBrowser(), newBrowser()];
    const file = await uploaded(guests);
    for (const stranger of [jan, agent]) {
      expect(await stranger.get(`/attachments/${adas}`)).toMatchObject(NOT_FOUND);
      expect(await stranger.get(`/attachments/${file}`)).toMatchObject(NOT_FOUND);
    }
    expect(await nobodys.get(`/attachments/${file}`)).toMatchObject(UNKNOWN);
    expect(await tickets.nobody.get(`/attachments/${file}`)).toMatchObject(UNKNOWN);
  });

  it('of another guest is not found, whatever the session has opened', async () => {
    const jana = newBrowser();
    const file = await uploaded(jana);
    const filed = (email: string, attachmentIds: string[]) =>
      jana.post('/tickets', { ...filing, guest: { email }, attachmentIds });
    const janas = (await filed('jana@example.com', [file])).body.id;
    const eves = (await filed('eve@example.com', [])).body.id;
    const session = (email: string, ids: string[]) => tickets.browser(tickets.guestAuth.session(email, ids).cookie);
    await session('jana@example.com', [janas]).get(`/tickets/${janas}`);
    expect((await session('jana@example.com', [janas]).get(`/attachments/${file}`)).status).toBe(200);
    for (const stranger of [
      session('eve@example.com', [eves]),
      session('eve@example.com', [janas, eves]),
      session('jana@example.com', []),
    ]) {
      expect(await stranger.get(`/attachments/${file}`)).toMatchObject(NOT_FOUND);
    }
  });

  it('of somebody else cannot be sent, with the same answer as for a missing one', async () => {
    const { id } = (await ada.post('/tickets', filing)).body;
    const path = `/tickets/${id}/messages`;
    for (const others of [await uploaded(jan), await uploaded(newBrowser()), randomUUID()]) {
      const answer = await ada.post(path, { body: 'Mine', attachmentIds: [others] });
      expect(answer).toMatchObject(NOT_FOUND);
      expect(JSON.stringify(answer.body).replaceAll(others, '')).not.toMatch(/[0-9a-f-]{36}/);
      const told = JSON.stringify(answer.body).replaceAll(others, '<id>');
      const none = randomUUID();
      const compared = await ada.post(path, { body: 'Mine', attachmentIds: [none] });
      expect(JSON.stringify(compared.body).replaceAll(none, '<id>')).toBe(told);
    }
    const reply = { body: 'Yours', attachmentIds: [await uploaded(ada)] };
    expect(await agent.post(`/desk/tickets/${id}/replies`, reply)).toMatchObject(NOT_FOUND);
  });

  it.each(['null', '[]', '{}', '0', 'a'.repeat(300), '%00', '..%2f..%2fetc%2fpasswd', randomUUID().toUpperCase()])(
    'with the id %j is not found, like any other that does not exist',
    async (id) => {
      expect((await ada.get(`/attachments/${id}`)).status).toBe(404);
    },
  );
});

describe('S17 a file', () => {
  const HEADERS = {
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'private, no-store',
    'referrer-policy': 'no-referrer',
  };

  const html = '<!doctype html><script>alert(1)</script>';
  const SERVED: [string, string, Buffer | string, string, string][] = [
    ['a picture with a script in it', 'a.png', Buffer.concat([png(), Buffer.from(html)]), 'image/png', 'a.png'],
    ['a picture that is a program as well', 'a.js', gif('=0;alert(1)//'), 'image/gif', 'a.js.gif'],
    [
      'a picture that is a Java archive as well',
      'a.jar',
      Buffer.concat([gif(), zip({ 'A.class': '' })]),
      'image/gif',
      'a.jar.gif',
    ],
    ['a picture that calls itself a page', 'a.html', jpeg(), 'image/jpeg', 'a.html.jpg'],
    ['a picture that calls itself PHP', 'a.pht', webp(), 'image/webp', 'a.pht.webp'],
    ['a picture that calls itself SVG', 'a.svg', isoMedia('avif'), 'image/avif', 'a.svg.avif'],
    ['a PDF that is a page as well', 'a.pdf', pdf(html), 'application/pdf', 'a.pdf'],
    ['a PDF with two extensions', 'a.pdf.html', pdf(), 'application/pdf', 'a.pdf.html.pdf'],
    ['a name that is written backwards', '\u202efdp.exe', pdf(), 'application/pdf', 'fdp.exe.pdf'],
    ['a name with a header in it', 'a"\r\nset-cookie: x=1.png', png(), 'image/png', 'a%22%0D%0Aset-cookie_ x=1.png'],
    ['a script that is a text', 'a.js', 'alert(1)', 'text/plain; charset=utf-8', 'a.js.txt'],
    ['a text that speaks of a page', 'a.html', `hello\n${html}`, 'text/plain; charset=utf-8', 'a.html.txt'],
    ['a table of formulas', 'a.csv', '=cmd|1,2\n', 'text/csv; charset=utf-8', 'a.csv'],
    [
      'a letter',
      'a.html',
      ooxml('word/document.xml'),
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'a.html.docx',
    ],
    ['a letter of 1997', 'a.doc', ole(['WordDocument']), 'application/msword', 'a.doc'],
  ];

  it.each(SERVED)('that is %s is saved with its type, never shown', async (_, given, content, type, name) => {
    const { status, body } = await ada.upload(given, content, { type: 'text/html' });
    expect({ status, body }).toMatchObject({ status: 201, body: { name } });
    await ada.post('/tickets', { ...filing, attachmentIds: [body.id] });
    const { headers } = await agent.get(`/attachments/${body.id}`);
    expect(Object.fromEntries(Object.keys(HEADERS).map((header) => [header, headers.get(header)]))).toEqual(HEADERS);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="/);
    expect(decodeURIComponent(headers.get('content-disposition')?.split("UTF-8''")[1] ?? '')).toBe(name);
    expect(headers.get('content-length')).toBe(String(Buffer.from(content as string).length));
    expect(headers.get('set-cookie')).toBeNull();
  });

  it.each<[string, string, Buffer | string]>([
    ['an SVG', 'a.png', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['a page', 'a.txt', html],
    ['a page after blanks', 'a.txt', `\ufeff \n${html}`],
    ['a table with Excel 4 macros', 'a.xls', xls([0, 1])],
    ['a stylesheet of XML', 'a.txt', '<?xml-stylesheet type="text/xsl" href="a.xsl"?><a/>'],
    ['PHP', 'a.pht', '<?php system($_GET[0]); ?>'],
    ['a saved page', 'a.mht', 'From: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n'],
    ['a page that is a PDF further in', 'a.pdf', `<html>${pdf()}`],
    ['a script', 'a.txt', '#!/bin/sh\nexit\n'],
    ['a program', 'a.png', Buffer.from('MZ\x90\0')],
    ['an archive', 'a.docx', zip({ 'a.txt': 'a' })],
    ['a letter with macros', 'a.docx', ooxml('word/document.xml', { 'word/vbaProject.bin': 'x' })],
  ])('that is %s is refused, and the answer says what can be sent', async (_, name, content) => {
    const answer = await ada.upload(name, content, { type: 'image/png' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'file_type_not_allowed' } });
    expect(answer.body.detail).toMatch(/PNG.*PDF.*docx/);
  });

  it('that is empty is refused', async () => {
    expect(await ada.upload('a.png', '')).toMatchObject({ status: 422, body: { code: 'file_empty' } });
  });
});
