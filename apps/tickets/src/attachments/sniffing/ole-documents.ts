import type { AttachmentType } from './attachment-types.js';
import type { Bytes } from './bytes.js';

const SIGNATURE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const HEADER_BYTES = 512;
const ENTRY_BYTES = 128;
const FREE = 0xfffffffa;
const NOBODY = 0xffffffff;
/** A directory of some hundred entries is large; one in a circle has no end. */
const MAX_DIRECTORY_SECTORS = 1_024;
const MAX_DIFAT_SECTORS = 512;

const STREAMS: readonly (readonly [name: string, AttachmentType])[] = [
  ['WordDocument', 'application/msword'],
  ['PowerPoint Document', 'application/vnd.ms-powerpoint'],
  ['Workbook', 'application/vnd.ms-excel'],
  ['Book', 'application/vnd.ms-excel'],
];
const MACROS = new Set(['Macros', 'VBA', '_VBA_PROJECT_CUR', '_VBA_PROJECT']);

interface Entry {
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly child: number;
}

/**
 * An office document of before 2007, which is a compound file (MS-CFB): told by the stream that lies in its root. Other compound
 * files (installers, mails of Outlook, encrypted documents) are null, and so is a document with macros.
 */
export async function sniffOle(bytes: Bytes, head: Buffer): Promise<AttachmentType | null> {
  if (head.length < HEADER_BYTES || !head.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return null;
  const shift = head.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) return null;
  const entries = await directoryOf(new Sectors(bytes, head, 1 << shift), head.readUInt32LE(48));
  if (entries.some(({ name }) => MACROS.has(name))) return null;
  const names = namesInRoot(entries);
  return STREAMS.find(([name]) => names.has(name))?.[1] ?? null;
}

/** MS-CFB §2.2 to §2.5: the file in sectors, and the table of which one follows which. */
class Sectors {
  private table: number[] | undefined;

  constructor(
    private readonly bytes: Bytes,
    private readonly head: Buffer,
    private readonly size: number,
  ) {}

  read(sector: number): Promise<Buffer> {
    return this.bytes.read((sector + 1) * this.size, this.size);
  }

  async next(sector: number): Promise<number> {
    this.table ??= await this.tableSectors();
    const perSector = this.size / 4;
    const part = this.table[Math.floor(sector / perSector)];
    const content = part === undefined ? null : await this.read(part);
    return numbers(content ?? Buffer.alloc(0))[sector % perSector] ?? NOBODY;
  }

  private async tableSectors(): Promise<number[]> {
    const sectors = numbers(this.head.subarray(76, HEADER_BYTES));
    let more = this.head.readUInt32LE(68);
    for (let n = 0; more < FREE && n < MAX_DIFAT_SECTORS; n++) {
      const listed = numbers(await this.read(more));
      more = listed.pop() ?? NOBODY;
      sectors.push(...listed);
    }
    return sectors;
  }
}

async function directoryOf(sectors: Sectors, first: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  let sector = first;
  for (let n = 0; sector < FREE && n < MAX_DIRECTORY_SECTORS; n++) {
    const content = await sectors.read(sector);
    for (let at = 0; at + ENTRY_BYTES <= content.length; at += ENTRY_BYTES) {
      entries.push(entryOf(content.subarray(at, at + ENTRY_BYTES)));
    }
    sector = await sectors.next(sector);
  }
  return entries;
}

function entryOf(entry: Buffer): Entry {
  const nameBytes = Math.min(Math.max(entry.readUInt16LE(64) - 2, 0), 62);
  const [left, right, child] = [entry.readUInt32LE(68), entry.readUInt32LE(72), entry.readUInt32LE(76)];
  return { name: entry.toString('utf16le', 0, nameBytes), left, right, child };
}

/** §2.6.4: what lies in a folder is a tree; deeper ones belong to embedded objects, such as a table in a letter. */
function namesInRoot(entries: readonly Entry[]): Set<string> {
  const names = new Set<string>();
  const seen = new Set<number>();
  const open = [entries[0]?.child ?? NOBODY];
  while (open.length > 0) {
    const index = open.pop() as number;
    const entry = entries[index];
    if (!entry || seen.has(index)) continue;
    seen.add(index);
    names.add(entry.name);
    open.push(entry.left, entry.right);
  }
  return names;
}

function numbers(content: Buffer): number[] {
  return Array.from({ length: Math.floor(content.length / 4) }, (_, n) => content.readUInt32LE(n * 4));
}
