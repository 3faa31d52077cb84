import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderStorage } from './folder-storage.js';

let path: string;
let storage: FolderStorage;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'storage-'));
  storage = new FolderStorage({ path, keepFreeBytes: 1 });
  expect(await storage.trouble(true)).toBeNull();
});
afterEach(() => rm(path, { recursive: true, force: true }));

const put = (content: string | Buffer) => storage.put(Readable.from([Buffer.from(content as string)]));
const files = async () => {
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
};
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
const placeOf = (key: string) => join(path, key.slice(0, 2), key.slice(2, 4), key);

async function content(key: string): Promise<string> {
  return Buffer.concat(await (await storage.open(key)).stream().toArray()).toString();
}

describe('a folder of files', () => {
  it('returns what was stored, under a name of its own, readable by its owner only', async () => {
    const stored = await put('hello');
    expect(stored).toMatchObject({ key: expect.stringMatching(/^[0-9a-f]{32}$/), sizeBytes: 5 });
    expect(await content(stored.key)).toBe('hello');
    expect((await stat(placeOf(stored.key))).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, stored.key.slice(0, 2)))).mode & 0o777).toBe(0o700);
  });

  it('reads any part, and nothing beyond the end', async () => {
    const file = await storage.open((await put('0123456789')).key);
    expect((await file.read(3, 4)).toString()).toBe('3456');
    expect((await file.read(8, 100)).toString()).toBe('89');
    for (const position of [10, 11, 2 ** 40]) expect(await file.read(position, 5)).toHaveLength(0);
    await file.close();
  });

  it('keeps nothing of a broken upload, and fails with its cause', async () => {
    const cause = new Error('the sender went away');
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(100_000);
        throw cause;
      })(),
    );
    await expect(storage.put(broken)).rejects.toBe(cause);
    expect(await files()).toEqual([]);
  });

  it('keeps nothing of an upload that is destroyed at any moment', async () => {
    const away = new Error('away');
    const attempts = Array.from({ length: 200 }, async (_, n) => {
      const content = new PassThrough();
      content.on('error', () => undefined);
      if (n % 3 > 0) content.write('x');
      const stored = storage.put(content);
      for (let turn = n % 5; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
      content.destroy(away);
      await expect(stored).rejects.toThrow();
    });
    await Promise.all(attempts);
    await sleep(200);
    expect(await files()).toEqual([]);
  });

  it('removes files, also missing ones', async () => {
    const { key } = await put('hello');
    await storage.remove(key);
    await storage.remove(key);
    expect(await files()).toEqual([]);
    await expect(storage.open(key)).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  it.each(['', '..', '../../etc/passwd', `${'a'.repeat(31)}/`, 'A'.repeat(32)])('knows no key %j', async (key) => {
    await expect(storage.open(key)).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(storage.remove(key)).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});

describe('a folder with a problem', () => {
  it('that is missing, or is a file, is reported with what to check', async () => {
    await rm(path, { recursive: true });
    await writeFile(path, 'a file');
    await expect(put('hello')).rejects.toMatchObject({ code: 'storage_unavailable' });
    const trouble = await storage.trouble(true);
    expect(trouble).toMatchObject({
      code: 'storage_unavailable',
      sentence: expect.stringContaining('ATTACHMENTS_FOLDER'),
    });
  });

  it('is created, but not its parent, which may be a disk that is not mounted', async () => {
    const away = new FolderStorage({ path: join(path, 'disk', 'attachments'), keepFreeBytes: 1 });
    expect(await away.trouble(false)).toMatchObject({ code: 'storage_unavailable' });
    await mkdir(join(path, 'disk'));
    expect(await away.trouble(true)).toBeNull();
  });

  it('keeps disk space free for others', async () => {
    const full = new FolderStorage({ path, keepFreeBytes: 1e15 });
    expect(await full.trouble(false)).toMatchObject({
      code: 'storage_full',
      sentence: expect.stringContaining('room'),
    });
  });
});

describe('sweeping', () => {
  const DAY = Array.from({ length: 144 }, (_, turn) => turn);
  const sweepDay = async (known: readonly string[]) => {
    let removed = 0;
    for (const turn of DAY)
      removed += await storage.sweep(turn, async (keys) => new Set(keys.filter((key) => known.includes(key))));
    return removed;
  };

  it('deletes unknown files within a day, and no known one', async () => {
    const stored = await Promise.all(Array.from({ length: 40 }, (_, n) => put(`file ${n}`)));
    for (const { key } of stored) await utimes(placeOf(key), hoursAgo(2), hoursAgo(2));
    const known = stored.slice(0, 15).map(({ key }) => key);
    expect(await sweepDay(known)).toBe(25);
    expect((await files()).sort()).toEqual([...known].sort());
    expect(await readFile(placeOf(known[0] as string), 'utf8')).toBe('file 0');
  });

  it('leaves files that are younger than an hour', async () => {
    await put('young');
    await writeFile(join(path, 'incoming', 'begun'), 'x');
    await writeFile(join(path, 'incoming', 'left'), 'x');
    await utimes(join(path, 'incoming', 'left'), hoursAgo(2), hoursAgo(2));
    expect(await sweepDay([])).toBe(1);
    expect(await files()).toHaveLength(2);
  });

  it('leaves files that are not named like its own', async () => {
    await mkdir(join(path, 'lost+found'));
    await writeFile(join(path, 'lost+found', 'a'), 'x');
    await utimes(join(path, 'lost+found', 'a'), hoursAgo(2), hoursAgo(2));
    expect(await sweepDay([])).toBe(0);
  });
});
