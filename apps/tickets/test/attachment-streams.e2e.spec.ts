import { execFile } from 'node:child_process';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MAX_ATTACHMENT_BYTES } from '@bellhop/contracts/http';
import { waitFor } from '@bellhop/local-stack';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { purgeAttachments } from '../src/attachments/purge-attachments.js';
import { FolderStorage } from '../src/attachments/storage/folder-storage.js';
import { AttachmentsProcess } from './attachments-process.js';

const MEBIBYTE = 1024 * 1024;
const NEVER = new Promise<never>(() => undefined);

let tickets: AttachmentsProcess;
beforeEach(async () => {
  tickets = await AttachmentsProcess.prepare();
});
afterEach(() => tickets?.stop());

const rows = (): Promise<{ key: string | null }[]> => tickets.database.dataSource.query('select key from attachments');
const memory = () => tickets.metric('process_resident_memory_bytes');

/** Ten who read, before and after the first byte, and ten who send. */
async function goAway(id: string): Promise<void> {
  for (let n = 0; n < 10; n++) {
    const download = await tickets.open(id);
    if (n % 2 === 0) await new Promise((resolve) => download.once('data', resolve));
    download.destroy();
  }
  const away = Promise.reject(new Error('away'));
  await Promise.all(Array.from({ length: 10 }, () => tickets.upload(MEBIBYTE, away).catch(() => null)));
}

describe('a process with many large uploads and downloads at once', () => {
  it('holds none of them in memory', async () => {
    await tickets.start();
    for (let n = 0; n < 3; n++) await tickets.upload(MEBIBYTE);
    const before = await memory();
    let most = 0;
    const watching = setInterval(() => void memory().then((now) => (most = Math.max(most, now))), 100);
    const answers = await Promise.all(Array.from({ length: 40 }, () => tickets.upload(MAX_ATTACHMENT_BYTES)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const downloads = await Promise.all(answers.map(({ body }) => tickets.open(String(body.id))));
    for (const download of downloads) download.pause();
    await sleep(500);
    const sizes = await Promise.all(
      downloads.map(async (download) => {
        let bytes = 0;
        for await (const chunk of download) bytes += (chunk as Buffer).length;
        return bytes;
      }),
    );
    clearInterval(watching);
    expect(sizes).toEqual(sizes.map(() => MAX_ATTACHMENT_BYTES));
    // 800 MiB went in, and out again.
    const grownBytes = Math.max(most, await memory()) - before;
    console.log(`memory: ${Math.round(before / MEBIBYTE)} MiB, and ${Math.round(grownBytes / MEBIBYTE)} MiB more`);
    expect(grownBytes).toBeLessThan(200 * MEBIBYTE);
  });

  it('keeps no file handle of clients that disconnect in the middle of an upload or a download', async () => {
    await tickets.start();
    const id = String((await tickets.upload(MAX_ATTACHMENT_BYTES)).body.id);
    const handles = () => tickets.metric('process_open_fds');
    // The first round opens connections to the database, which stay.
    await goAway(id);
    const before = await handles();
    if (Number.isNaN(before)) return;
    for (let n = 0; n < 3; n++) await goAway(id);
    await waitFor(async () => (await handles()) <= before + 3, { what: 'the handles to be closed' });
    await waitFor(async () => (await rows()).length === 1, { what: 'the room to be free again' });
    // A row goes first, its file after it.
    await waitFor(async () => (await tickets.files()).length === 1, { what: 'what had arrived to be removed' });
  });
});

describe('a process that is killed in the middle of uploads', () => {
  it('leaves nothing after housekeeping', async () => {
    const app = await tickets.start();
    await tickets.upload(MEBIBYTE);
    const uploads = Array.from({ length: 5 }, () => tickets.upload(MEBIBYTE, NEVER).catch(() => null));
    await waitFor(async () => (await tickets.files()).length === 6, { what: 'the uploads to be under way' });
    await app.stop('SIGKILL');
    await Promise.all(uploads);
    expect(await rows()).toHaveLength(6);
    const { dataSource } = tickets.database;
    const housekeeping = () => {
      const storage = new FolderStorage({ path: tickets.folder, keepFreeBytes: 1 });
      return purgeAttachments(storage)(dataSource, { signal: new AbortController().signal });
    };
    await housekeeping();
    expect(await rows()).toHaveLength(6);
    await dataSource.query(`update attachments set created_at = created_at - interval '61 minutes'`);
    for (const file of await tickets.files()) await utimes(file, new Date(0), new Date(0));
    await housekeeping();
    expect(await rows()).toEqual([{ key: expect.any(String) }]);
    expect(await tickets.files()).toHaveLength(1);
  });
});

describe('a process that cannot store files', () => {
  const UPLOAD = 4 * MEBIBYTE;

  it('because the disk is nearly full: 507, and says so in /readyz', async () => {
    await tickets.start({ ATTACHMENTS_KEEP_FREE_BYTES: String(1e15 - 1) });
    const answer = await tickets.upload(UPLOAD);
    expect(answer).toMatchObject({ status: 507, body: { code: 'storage_full' } });
    expect(JSON.stringify(answer.body)).not.toContain(tickets.folder);
    expect(await tickets.missing()).toMatch(/attachments.*ATTACHMENTS_KEEP_FREE_BYTES/);
    expect(await rows()).toEqual([]);
  });

  it('because the folder is not there: 503, and says so in /readyz', async () => {
    await tickets.start({ ATTACHMENTS_FOLDER: join(tickets.folder, 'not', 'mounted') });
    const answer = await tickets.upload(UPLOAD);
    expect(answer).toMatchObject({ status: 503, body: { code: 'storage_unavailable' } });
    expect(JSON.stringify(answer.body)).not.toContain(tickets.folder);
    expect(await tickets.missing()).toMatch(/attachments.*ATTACHMENTS_FOLDER/);
  });

  it('because the disk becomes full in the middle: 507, and nothing is left of the file', async () => {
    const { pid } = await tickets.start();
    // Only here can a process be forbidden to write on without a disk of our own.
    const limited = await promisify(execFile)('prlimit', ['--pid', String(pid), `--fsize=${MEBIBYTE}`]).catch(
      () => null,
    );
    if (!limited) return;
    expect(await tickets.upload(UPLOAD)).toMatchObject({ status: 507, body: { code: 'storage_full' } });
    await waitFor(async () => (await rows()).length === 0, { what: 'the room to be free again' });
    expect(await tickets.files()).toEqual([]);
    expect((await tickets.upload(MEBIBYTE / 2)).status).toBe(201);
  });
});
