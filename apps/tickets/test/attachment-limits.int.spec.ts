import { randomUUID } from 'node:crypto';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '@bellhop/local-stack';
import { Housekeeping } from '@bellhop/service';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AttachmentLimits } from '../src/attachments/attachment-limits.js';
import { reserveUpload } from '../src/attachments/reserve-upload.js';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';
import { png } from './sample-files.js';

let housekeeping: Housekeeping;

@Module({})
class HousekeepingWitness {
  constructor(given: Housekeeping) {
    housekeeping = given;
  }
}

let tickets: RunningTickets;
let ada: Person;
let agent: Person;

beforeAll(async () => {
  tickets = await runningTickets({
    modules: [HousekeepingWitness],
    config: {
      TRUSTED_PROXIES: ['127.0.0.1'],
      ATTACHMENTS_PER_TICKET_BYTES: 100_000,
      ATTACHMENTS_UNSENT_BYTES: 60_000,
      ATTACHMENTS_PER_NETWORK_BYTES: 150_000,
    },
  });
  ada = await tickets.as('ada@example.com');
  agent = await tickets.as('agent@example.com');
});
afterAll(() => tickets?.stop());
afterEach(async () => {
  await tickets.database.dataSource.query('delete from attachments');
});

const filing = { category: 'other', subject: 'S', body: 'B' };
const picture = (sizeBytes: number) => Buffer.concat([png(), Buffer.alloc(sizeBytes - png().length)]);
const newBrowser = () =>
  tickets.browser(`__Host-bellhop-browser=${Buffer.from(randomUUID()).subarray(0, 32).toString('base64url')}`);
const rows = (): Promise<Record<string, unknown>[]> =>
  tickets.database.dataSource.query('select * from attachments order by created_at, id');
const files = async () => {
  const found = await readdir(tickets.folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};
const age = (interval: string) =>
  tickets.database.dataSource.query(`update attachments set created_at = created_at - $1::interval`, [interval]);

const TOO_MANY = { status: 429, body: { code: 'too_many_uploads' } };

describe('nobody fills the disk', () => {
  it('alone: what one uploader has not sent is limited, also when all come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => ada.upload('a.png', picture(15_000))));
    const taken = answers.filter(({ status }) => status === 201);
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.length).toBeLessThanOrEqual(4);
    expect(answers.find(({ status }) => status !== 201)).toMatchObject(TOO_MANY);
    expect(await rows()).toHaveLength(taken.length);
    const ids = taken.map(({ body }) => body.id);
    expect((await ada.post('/tickets', { ...filing, attachmentIds: ids })).status).toBe(201);
    expect((await ada.upload('a.png', picture(15_000))).status).toBe(201);
  });

  it('by being quick: whoever comes second is counted after the first, however close together', async () => {
    const { dataSource } = tickets.database;
    const limits = new AttachmentLimits({ perTicketBytes: 1, unlinkedBytes: 100, perDayBytes: 1_000 });
    const reserve = (manager: EntityManager) => {
      const reservation = { id: randomUUID(), uploader: 'user:quick', payer: null, sizeBytes: 60 };
      return reserveUpload(manager, reservation, limits);
    };
    let second: Promise<boolean> | undefined;
    await dataSource.transaction(async (manager) => {
      expect(await reserve(manager)).toBe(true);
      second = dataSource.transaction(reserve);
      const isWaiting = `select from pg_locks where locktype = 'advisory' and not granted`;
      await waitFor(async () => (await manager.query(isWaiting)).length > 0, { what: 'the second to wait' });
    });
    expect(await second).toBe(false);
  });

  it('with many small files', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 52; n++) statuses.push((await ada.upload('a.txt', 'x')).status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(50);
  });

  it('with a new browser each time: a network has a budget of a day, which people with an account do not share', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 8; n++) statuses.push((await newBrowser().upload('a.png', picture(29_000))).status);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429, 429, 429]);
    expect((await agent.upload('a.png', picture(29_000))).status).toBe(201);
    await age('25 hours');
    expect((await newBrowser().upload('a.png', picture(29_000))).status).toBe(201);
  });

  it('with sessions: each costs a throw-away mailbox, and all of them share the budget of their network', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 8; n++) {
      const { cookie } = tickets.guestAuth.session(`throw-away-${n}@example.com`, [randomUUID()]);
      statuses.push((await tickets.browser(cookie).upload('a.png', picture(29_000))).status);
    }
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429, 429, 429]);
    expect(await newBrowser().upload('a.png', picture(29_000))).toMatchObject(TOO_MANY);
  });

  it.each<[string, number, (index: number) => string, string]>([
    ['one IPv4 address', 5, () => '203.0.113.7', '203.0.113.8'],
    ['a /24', 10, (n) => `203.0.113.${n}`, '203.0.114.8'],
    ['a /64', 5, (n) => `2001:db8:1:101::${n + 1}`, '2001:db8:1:102::1'],
    ['a /56', 10, (n) => `2001:db8:1:1${n + 10}::1`, '2001:db8:1:201::1'],
    ['a /48', 20, (n) => `2001:db8:1:${n + 10}00::1`, '2001:db8:2:201::1'],
    ['a /16', 82, (n) => `203.0.${n}.7`, '203.1.113.8'],
  ])(
    'S37 with addresses side by side: %s has room for %i, and what lies beside it has its own',
    async (_, room, address, beside) => {
      const send = async (from: string) => {
        const headers = { 'x-forwarded-for': from };
        return (await newBrowser().upload('a.png', picture(29_000), { headers })).status;
      };
      const statuses: number[] = [];
      for (let n = 0; n <= room; n++) statuses.push(await send(address(n)));
      expect(statuses).toEqual([...Array(room).fill(201), 429]);
      expect(await send(beside)).toBe(201);
    },
  );

  it('as a customer: one has a budget of a day, sent or not, which nobody else shares', async () => {
    for (let n = 0; n < 5; n++) {
      const { id } = (await ada.upload('a.png', picture(29_000))).body;
      expect((await ada.post('/tickets', { ...filing, attachmentIds: [id] })).status).toBe(201);
    }
    expect(await ada.upload('a.png', picture(29_000))).toMatchObject(TOO_MANY);
    expect((await (await tickets.as('jan@example.com')).upload('a.png', picture(29_000))).status).toBe(201);
    expect((await newBrowser().upload('a.png', picture(29_000))).status).toBe(201);
    await age('25 hours');
    expect((await ada.upload('a.png', picture(29_000))).status).toBe(201);
  });

  it('with filing: what guests have sent still counts for their network', async () => {
    for (let n = 0; n < 5; n++) {
      const jana = newBrowser();
      const { id } = (await jana.upload('a.png', picture(29_000))).body;
      const guest = { email: `jana${n}@example.com` };
      expect((await jana.post('/tickets', { ...filing, guest, attachmentIds: [id] })).status).toBe(201);
    }
    expect(await newBrowser().upload('a.png', picture(29_000))).toMatchObject(TOO_MANY);
  });

  it('of a ticket: its files together have a limit, and what does not fit is not lost', async () => {
    const { id } = (await ada.post('/tickets', filing)).body;
    const send = async () => {
      const ids = [(await ada.upload('a.png', picture(40_000))).body.id];
      return ada.post(`/tickets/${id}/messages`, { body: 'Here.', attachmentIds: ids });
    };
    expect((await send()).status).toBe(201);
    expect((await send()).status).toBe(201);
    expect(await send()).toMatchObject({ status: 422, body: { code: 'ticket_files_full' } });
    expect((await ada.get(`/tickets/${id}`)).body.messages).toHaveLength(3);
    expect((await rows()).filter(({ message_id }) => message_id === null)).toHaveLength(1);
  });

  it('with what is refused: neither row nor file is left', async () => {
    const before = await files();
    expect((await ada.upload('a.exe', 'MZ\0')).status).toBe(415);
    expect((await ada.upload('a.png', '')).status).toBe(422);
    expect(await rows()).toEqual([]);
    expect(await files()).toEqual(before);
  });
});

describe('housekeeping', () => {
  it('removes what is in no message after a day, row and content, and nothing else', async () => {
    await housekeeping.runOnce();
    const sent = (await ada.upload('a.png', png())).body.id;
    await ada.post('/tickets', { ...filing, attachmentIds: [sent] });
    await ada.upload('a.png', png());
    await age('23 hours');
    await housekeeping.runOnce();
    expect(await rows()).toHaveLength(2);
    await age('2 hours');
    const before = await files();
    await housekeeping.runOnce();
    expect((await rows()).map(({ id }) => id)).toEqual([sent]);
    expect((await ada.get(`/attachments/${sent}`)).status).toBe(200);
    expect(await files()).toHaveLength(before.length - 1);
  });

  it('removes an upload that broke off with its process', async () => {
    const insert = `insert into attachments (id, uploader, size_bytes, created_at) values ($1, 'user:x', 5, now() - $2::interval)`;
    await tickets.database.dataSource.query(insert, [randomUUID(), '50 minutes']);
    await tickets.database.dataSource.query(insert, [randomUUID(), '61 minutes']);
    await housekeeping.runOnce();
    expect(await rows()).toHaveLength(1);
  });

  it('removes the files of tickets that are gone', async () => {
    const jana = newBrowser();
    const file = (await jana.upload('a.png', png())).body.id;
    const { body } = await jana.post('/tickets', {
      ...filing,
      guest: { email: 'gone@example.com' },
      attachmentIds: [file],
    });
    const before = await files();
    const { dataSource } = tickets.database;
    await dataSource.query(`update tickets set created_at = created_at - interval '73 hours' where id = $1`, [body.id]);
    await age('73 hours');
    await housekeeping.runOnce();
    expect(await dataSource.query('select from tickets where id = $1', [body.id])).toEqual([]);
    expect(await rows()).toEqual([]);
    expect(await files()).toHaveLength(before.length - 1);
  });

  it('forgets after a day from which network something came', async () => {
    const jana = newBrowser();
    const file = (await jana.upload('a.png', png())).body.id;
    await jana.post('/tickets', { ...filing, guest: { email: 'net@example.com' }, attachmentIds: [file] });
    await age('23 hours');
    await housekeeping.runOnce();
    expect((await rows())[0]).toMatchObject({ id: file, network: expect.stringContaining('/') });
    await age('2 hours');
    await housekeeping.runOnce();
    expect((await rows())[0]).toMatchObject({ id: file, network: null });
  });

  it('removes what lies where files arrive and will never be one', async () => {
    const left = join(tickets.folder, 'incoming', 'left');
    await writeFile(left, 'half');
    await utimes(left, new Date(0), new Date(0));
    await housekeeping.runOnce();
    expect(await files()).not.toContain(left);
  });
});
