import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { Bytes } from './bytes.js';

/** PKWARE's APPNOTE 6.3.10: §4.3.7 local header, §4.3.12 central directory, §4.3.16 its end. */
const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const LOCAL_BYTES = 30;
const ENTRY_BYTES = 46;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
/** Some tens of kilobytes in any document that a person has written. */
const MAX_DIRECTORY_BYTES = 2 * 1024 * 1024;
const [STORED, DEFLATED] = [0, 8];

const inflated = promisify<Buffer, object, Buffer>(inflateRaw);

export interface Entry {
  /** As programs compare it: small, with slashes, relative. */
  readonly name: string;
  /** How it is compressed; 0 is not at all. */
  readonly method: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  /** Of its local header. */
  readonly offset: number;
}

export function isZip(head: Buffer): boolean {
  return head.length >= END_BYTES && head.readUInt32LE(0) === LOCAL_HEADER;
}

/** The directory at the end, which is what programs open it by. Null when there is none, or one that no document needs. */
export async function entriesOf(bytes: Bytes): Promise<Entry[] | null> {
  const tailAt = Math.max(0, bytes.sizeBytes - END_BYTES - MAX_COMMENT_BYTES);
  const tail = await bytes.read(tailAt, bytes.sizeBytes - tailAt);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== DIRECTORY_END) continue;
    const [count, size, start] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
    if (size > MAX_DIRECTORY_BYTES || start + size > tailAt + at) return null;
    return listed(await bytes.read(start, size), count);
  }
  return null;
}

function listed(directory: Buffer, count: number): Entry[] | null {
  const entries: Entry[] = [];
  let at = 0;
  for (let n = 0; n < count; n++) {
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== DIRECTORY_ENTRY) return null;
    const nameBytes = directory.readUInt16LE(at + 28);
    const name = directory.toString('latin1', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    entries.push({
      name: name.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase(),
      method: directory.readUInt16LE(at + 10),
      packedBytes: directory.readUInt32LE(at + 20),
      sizeBytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += ENTRY_BYTES + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/** What is in an entry; null when that cannot be read, or is more than `maxBytes`. */
export async function contentOf(bytes: Bytes, entry: Entry, maxBytes: number): Promise<Buffer | null> {
  if (entry.sizeBytes > maxBytes || entry.packedBytes > maxBytes) return null;
  const local = await bytes.read(entry.offset, LOCAL_BYTES);
  if (local.length < LOCAL_BYTES || local.readUInt32LE(0) !== LOCAL_HEADER) return null;
  const at = entry.offset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = await bytes.read(at, entry.packedBytes);
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) return null;
  return inflated(packed, { maxOutputLength: maxBytes }).catch(() => null);
}
