import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { claimAttachments } from '../src/attachments/claim-attachments.js';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';
import { png } from './sample-files.js';

let tickets: RunningTickets;
let ada: Person;
let jan: Person;
let agent: Person;

/** Room for one file of this size. */
const FILE_BYTES = 40_000;

beforeAll(async () => {
  tickets = await runningTickets({
    config: { ATTACHMENTS_UNSENT_BYTES: 60_000, ATTACHMENTS_PER_NETWORK_BYTES: 60_000 },
  });
  ada = await tickets.as('ada@example.com');
  jan = await tickets.as('jan@example.com');
  agent = await tickets.as('agent@example.com');
});
afterAll(() => tickets?.stop());

const NOT_FOUND = { status: 404, body: { code: 'attachment_not_found' } };
const picture = Buffer.concat([png(), Buffer.alloc(FILE_BYTES - png().length)]);
const remove = (by: Person, id: string) => by.send('DELETE', `/attachments/${id}`);
const stored = async () => (await readdir(tickets.folder, { recursive: true })).filter((path) => path.length > 32);

describe('an upload that was not sent yet', () => {
  it('is removed by its uploader, content and all, and no longer counts against them', async () => {
    const before = await stored();
    const { id } = (await ada.upload('a.png', picture)).body;
    expect((await ada.upload('b.png', picture)).status).toBe(429);
    expect(await remove(ada, id)).toMatchObject({ status: 204, body: '' });
    expect(await stored()).toEqual(before);
    expect(await ada.get(`/attachments/${id}`)).toMatchObject(NOT_FOUND);
    expect(await remove(ada, id)).toMatchObject(NOT_FOUND);
    const second = await ada.upload('b.png', picture);
    expect(second.status).toBe(201);
    await remove(ada, second.body.id);
  });

  it('is removed by a guest before there is a ticket, from the same browser', async () => {
    const { headers, body } = await tickets.nobody.upload('a.png', png());
    const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';');
    expect(await remove(tickets.nobody, body.id)).toMatchObject({ status: 401 });
    expect((await remove(tickets.browser(cookie), body.id)).status).toBe(204);
  });

  it('S18 is nothing to others, agents neither', async () => {
    const { id } = (await ada.upload('a.png', png())).body;
    for (const stranger of [jan, agent]) {
      const [there, notThere] = [await remove(stranger, id), await remove(stranger, randomUUID())];
      expect(there).toMatchObject(NOT_FOUND);
      expect(there.body).toEqual(notThere.body);
    }
    expect((await ada.get(`/attachments/${id}`)).status).toBe(200);
    expect(await remove(ada, 'x')).toMatchObject(NOT_FOUND);
  });
});

describe('a file in a message', () => {
  it('stays, also when it is being sent at that moment', async () => {
    const [sent, sending] = [await ada.upload('a.png', png()), await ada.upload('b.png', png())];
    const filing = { category: 'other', subject: 'S', body: 'B', attachmentIds: [sent.body.id] };
    const { id: ticket } = (await ada.post('/tickets', filing)).body;
    expect(await remove(ada, sent.body.id)).toMatchObject(NOT_FOUND);
    const removal = await tickets.database.dataSource.transaction(async (manager) => {
      const [message] = await manager.query('select id from messages where ticket_id = $1', [ticket]);
      const [{ uploader }] = await manager.query('select uploader from attachments where id = $1', [sending.body.id]);
      await claimAttachments(manager, message.id, [sending.body.id], [uploader]);
      const answer = remove(ada, sending.body.id);
      await waitFor(() => isWaiting(manager), { what: 'the removal, which waits for the message' });
      return { answer };
    });
    expect(await removal.answer).toMatchObject(NOT_FOUND);
    for (const { body } of [sent, sending]) expect((await ada.get(`/attachments/${body.id}`)).status).toBe(200);
  });
});

async function isWaiting(manager: EntityManager): Promise<boolean> {
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return (await manager.query(waiting)).length > 0;
}
