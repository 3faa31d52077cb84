import type { AttachmentType } from './attachment-types.js';
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
const MAX_TYPE_BYTES = 100;

/** The part that makes a package the document that it is; Office writes a number into its name now and then. */
const OOXML: readonly (readonly [part: RegExp, AttachmentType])[] = [
  [/^word\/document\d*\.xml$/, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  [/^xl\/workbook\d*\.xml$/, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  [/^ppt\/presentation\d*\.xml$/, 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
];
const ODF: readonly AttachmentType[] = [
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.presentation',
];
/** Macros, of Office and of OpenDocument, and what makes of a document a Java archive as well. */
const ACTIVE = /(?:^|\/)vbaProject\.bin$|^Basic\/|^Scripts\/|^META-INF\/MANIFEST\.MF$|\.class$/i;

interface Entry {
  readonly name: string;
  /** How it is compressed; 0 is not at all. */
  readonly method: number;
  readonly sizeBytes: number;
  /** Of its local header. */
  readonly offset: number;
}

/**
 * An office document that is a ZIP: OOXML (ECMA-376, part 2) or OpenDocument (part 2, §3.3). Judged by the directory at the end,
 * which is what programs open it by. Any other archive is null, and so is a document with macros.
 */
export async function sniffZip(bytes: Bytes, head: Buffer): Promise<AttachmentType | null> {
  if (head.length < END_BYTES || head.readUInt32LE(0) !== LOCAL_HEADER) return null;
  const entries = await directoryOf(bytes);
  if (!entries || entries.some(({ name }) => ACTIVE.test(name))) return null;
  if (!entries.some(({ name }) => name === '[Content_Types].xml')) return openDocument(bytes, entries);
  const kinds = OOXML.filter(([part]) => entries.some(({ name }) => part.test(name)));
  return kinds.length === 1 ? (kinds[0]?.[1] ?? null) : null;
}

/** The entry `mimetype`, which is not compressed, holds the type and nothing else. */
async function openDocument(bytes: Bytes, entries: readonly Entry[]): Promise<AttachmentType | null> {
  const entry = entries.find(({ name }) => name === 'mimetype');
  if (entry?.method !== 0 || entry.sizeBytes > MAX_TYPE_BYTES) return null;
  const local = await bytes.read(entry.offset, LOCAL_BYTES);
  if (local.length < LOCAL_BYTES || local.readUInt32LE(0) !== LOCAL_HEADER) return null;
  const at = entry.offset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  const content = (await bytes.read(at, entry.sizeBytes)).toString('latin1');
  return ODF.find((type) => type === content) ?? null;
}

/** Null when there is none, or one that no document needs. */
async function directoryOf(bytes: Bytes): Promise<Entry[] | null> {
  const tailAt = Math.max(0, bytes.sizeBytes - END_BYTES - MAX_COMMENT_BYTES);
  const tail = await bytes.read(tailAt, bytes.sizeBytes - tailAt);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== DIRECTORY_END) continue;
    const [count, size, start] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
    if (size > MAX_DIRECTORY_BYTES || start + size > tailAt + at) return null;
    return entriesOf(await bytes.read(start, size), count);
  }
  return null;
}

function entriesOf(directory: Buffer, count: number): Entry[] | null {
  const entries: Entry[] = [];
  let at = 0;
  for (let n = 0; n < count; n++) {
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== DIRECTORY_ENTRY) return null;
    const [method, sizeBytes] = [directory.readUInt16LE(at + 10), directory.readUInt32LE(at + 24)];
    const [nameBytes, offset] = [directory.readUInt16LE(at + 28), directory.readUInt32LE(at + 42)];
    const name = directory.toString('latin1', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    entries.push({ name, method, sizeBytes, offset });
    at += ENTRY_BYTES + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}
