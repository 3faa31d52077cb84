import { once } from 'node:events';
import { statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderStorage } from '../src/attachments/storage/folder-storage.js';
import { type RunningTickets, runningTickets } from './running-tickets.js';

const MEBIBYTE = 1024 * 1024;
const UNSENT = 3 * MEBIBYTE;

let tickets: RunningTickets;
let token: string;
beforeAll(async () => {
  tickets = await runningTickets({ config: { ATTACHMENTS_UNSENT_BYTES: UNSENT } });
  token = await tickets.token('ada@example.com');
  // Also what is deleted again would stand there.
  await all('create table writings (of text)');
  await all(`create function note_writing() returns trigger language plpgsql as
             $$ begin insert into writings values (tg_op); return null; end $$`);
  await all(
    'create trigger writing after insert or update or delete on attachments for each row execute function note_writing()',
  );
});
afterAll(() => tickets.stop());
beforeEach(() => all('truncate writings'));

const all = (sql: string) => tickets.database.dataSource.query(sql);

/** What is answered to headers alone: of the body that they announce not a byte is sent. */
async function answerTo(headers: Record<string, string | number>): Promise<{ status: number; code: string }> {
  const { hostname, port } = new URL(tickets.url);
  const socket = connect(Number(port), hostname);
  try {
    const lines = Object.entries({ host: 'localhost', authorization: `Bearer ${token}`, ...headers });
    socket.write(`POST /attachments HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    let text = '';
    while (!/\r\n\r\n.*\}$/s.test(text)) text += String((await once(socket, 'data'))[0]);
    return { status: Number(text.slice(9, 12)), code: JSON.parse(text.slice(text.indexOf('{'))).code };
  } finally {
    socket.destroy();
  }
}

describe('an upload over a limit is refused before a byte is read or a row written', () => {
  const multipart = 'multipart/form-data; boundary=X';

  it.each([
    [
      'larger than a file may be',
      { 'content-type': multipart, 'content-length': 30 * MEBIBYTE },
      413,
      'file_too_large',
    ],
    ['larger than any number', { 'content-type': multipart, 'content-length': '9'.repeat(15) }, 413, 'file_too_large'],
    [
      'without a boundary',
      { 'content-type': 'multipart/form-data', 'content-length': 1_000 },
      400,
      'malformed_multipart',
    ],
    ['that is no form', { 'content-type': 'application/json', 'content-length': 1_000 }, 415, 'unsupported_media_type'],
    [
      'larger than the room of its sender',
      { 'content-type': multipart, 'content-length': UNSENT + 1 },
      429,
      'too_many_uploads',
    ],
    [
      'that does not say how large it is',
      { 'content-type': multipart, 'transfer-encoding': 'chunked' },
      429,
      'too_many_uploads',
    ],
    [
      'that is compressed',
      { 'content-type': multipart, 'content-length': 1_000, 'content-encoding': 'gzip' },
      415,
      'unsupported_content_encoding',
    ],
  ])('%s', async (_, headers, status, code) => {
    expect(await answerTo(headers)).toEqual({ status, code });
    expect(await all('select * from writings')).toEqual([]);
  });

  it('larger than what the disk has beside what stays free', async () => {
    const { bavail, bsize } = await statfs(tickets.folder);
    const [free, room] = [bavail * bsize, 512 * MEBIBYTE];
    const storage = new FolderStorage({ path: tickets.folder, keepFreeBytes: free - room });
    // Others write to the same disk meanwhile.
    expect(await storage.trouble(false, room / 16)).toBeNull();
    expect(await storage.trouble(false, room * 16)).toMatchObject({ code: 'storage_full' });
  });
});
