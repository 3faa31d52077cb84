import { createHash, type Hash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AttachmentStorage, type Stored, type StoredFile, type Trouble } from './attachment-storage.js';
import { sweepFolder } from './folder-sweep.js';
import { StorageError, storageError } from './storage.errors.js';

const KEY = /^[0-9a-f]{32}$/;
/** Where files lie while they arrive. On the same file system, so that renaming is one step. */
const INCOMING = 'incoming';

export interface FolderOptions {
  /** Outside of whatever a web server serves. */
  readonly path: string;
  /** Room on the disk that is left to others. */
  readonly keepFreeBytes: number;
}

/**
 * Files in a folder, below two levels of 256 folders each: `ab/cd/abcd…`. Several processes may share it, over a network file
 * system too, as long as renaming there is one step.
 */
export class FolderStorage extends AttachmentStorage {
  constructor(private readonly folder: FolderOptions) {
    super();
  }

  override async put(content: Readable): Promise<Stored> {
    const key = randomBytes(16).toString('hex');
    const incoming = join(this.folder.path, INCOMING, key);
    try {
      const written = await write(content, incoming);
      await this.moveIn(incoming, this.pathOf(key));
      return { key, ...written };
    } catch (error) {
      await rm(incoming, { force: true }).catch(() => undefined);
      throw storageError(error);
    }
  }

  override async open(key: string): Promise<StoredFile> {
    try {
      const handle = await open(this.pathOf(key), 'r');
      const { size } = await handle.stat();
      return storedFile(handle, size);
    } catch (error) {
      throw storageError(error);
    }
  }

  override async remove(key: string): Promise<void> {
    try {
      await rm(this.pathOf(key), { force: true });
    } catch (error) {
      throw storageError(error);
    }
  }

  override async trouble(writes: boolean, bytes = 0): Promise<Trouble | null> {
    const { path, keepFreeBytes } = this.folder;
    try {
      // The last part only: in the place of a volume that is not mounted no other folder must appear.
      await mkdir(path, { mode: 0o700 }).catch(unless('EEXIST'));
      await mkdir(join(path, INCOMING), { mode: 0o700 }).catch(unless('EEXIST'));
      const { bavail, bsize } = await statfs(path);
      if (bavail * bsize < keepFreeBytes + bytes) return full(path, keepFreeBytes);
      if (writes) await this.tryWriting();
      return null;
    } catch (error) {
      const known = storageError(error);
      if (!(known instanceof StorageError)) throw error;
      const what = `${known.message} Check ATTACHMENTS_FOLDER (${path}): it must be on a mounted disk, and this process must be allowed to write there.`;
      return { code: known.code, sentence: what };
    }
  }

  override sweep(turn: number, known: (keys: readonly string[]) => Promise<ReadonlySet<string>>): Promise<number> {
    return sweepFolder({ path: this.folder.path, incoming: INCOMING, turn }, known);
  }

  private async moveIn(from: string, to: string): Promise<void> {
    const created = await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(from, to);
    await syncFolder(dirname(to));
    if (created === undefined) return;
    await syncFolder(dirname(dirname(to)));
    await syncFolder(this.folder.path);
  }

  private async tryWriting(): Promise<void> {
    const path = join(this.folder.path, INCOMING, `try-${randomBytes(8).toString('hex')}`);
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.write('x');
    } finally {
      await handle.close();
      await rm(path, { force: true });
    }
  }

  private pathOf(key: string): string {
    if (!KEY.test(key)) throw new StorageError('storage_unavailable', 'This is no key of a file.');
    return join(this.folder.path, key.slice(0, 2), key.slice(2, 4), key);
  }
}

/** Opened first: a stream that is destroyed while it opens makes its file after all, when nobody removes it any more. */
async function write(content: Readable, path: string): Promise<Omit<Stored, 'key'>> {
  const hash = createHash('sha256');
  const target = (await open(path, 'wx', 0o600)).createWriteStream({ flush: true });
  await pipeline(content, (chunks: AsyncIterable<Buffer>) => hashed(chunks, hash), target);
  return { sizeBytes: target.bytesWritten, sha256: hash.digest('hex') };
}

async function* hashed(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

function storedFile(handle: FileHandle, sizeBytes: number): StoredFile {
  return {
    sizeBytes,
    async read(position, length) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, sizeBytes - position)));
      if (buffer.length === 0) return buffer;
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      return buffer.subarray(0, bytesRead);
    },
    stream: () => handle.createReadStream(),
    close: () => handle.close(),
  };
}

/** Without it a renamed file may be back under its old name after a power loss. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function full(path: string, keepFreeBytes: number): Trouble {
  const sentence = `The disk of ATTACHMENTS_FOLDER (${path}) has no room for a file beside the ${keepFreeBytes} bytes that stay free (ATTACHMENTS_KEEP_FREE_BYTES). Make room, or move the folder.`;
  return { code: 'storage_full', sentence };
}

function unless(code: string): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (error.code !== code) throw error;
  };
}
