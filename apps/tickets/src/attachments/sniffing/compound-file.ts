import type { Bytes } from './bytes.js';

const SIGNATURE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const HEADER_BYTES = 512;
const ENTRY_BYTES = 128;
const FREE = 0xfffffffa;
export const NOBODY = 0xffffffff;
/** A directory of some hundred entries is large; one in a circle has no end. */
const MAX_DIRECTORY_SECTORS = 1_024;
const MAX_DIFAT_SECTORS = 512;
/** Smaller streams lie in pieces of 64 bytes in a stream of the root (MS-CFB §2.4). */
const MINI_BELOW_BYTES = 4_096;
const MINI_BYTES = 64;

export interface Entry {
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly child: number;
  /** The first sector of its content. */
  readonly start: number;
  readonly sizeBytes: number;
}

/** Where the pieces of a stream lie, each found from the one before. */
interface Chain {
  readonly pieceBytes: number;
  readonly pieces: number[];
  next(piece: number): Promise<number>;
  read(piece: number): Promise<Buffer>;
}

/** MS-CFB §2.2 to §2.6: a file in sectors, a table of which one follows which, and a directory of streams. */
export class CompoundFile {
  private table: number[] | undefined;
  private listed: Entry[] | undefined;
  private readonly tables = new Map<number, number[]>();

  private constructor(
    private readonly bytes: Bytes,
    private readonly head: Buffer,
    private readonly sectorBytes: number,
  ) {}

  static of(bytes: Bytes, head: Buffer): CompoundFile | null {
    if (head.length < HEADER_BYTES || !head.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return null;
    const shift = head.readUInt16LE(30);
    return shift === 9 || shift === 12 ? new CompoundFile(bytes, head, 1 << shift) : null;
  }

  async entries(): Promise<readonly Entry[]> {
    if (this.listed) return this.listed;
    const entries: Entry[] = [];
    let sector = this.head.readUInt32LE(48);
    for (let n = 0; sector < FREE && n < MAX_DIRECTORY_SECTORS; n++) {
      const content = await this.sector(sector);
      for (let at = 0; at + ENTRY_BYTES <= content.length; at += ENTRY_BYTES) {
        entries.push(entryOf(content.subarray(at, at + ENTRY_BYTES)));
      }
      sector = await this.next(sector);
    }
    this.listed = entries;
    return entries;
  }

  /** Reads anywhere in a stream; what comes back is shorter where the stream ends or breaks off. */
  async reader({ start, sizeBytes }: Entry): Promise<(at: number, length: number) => Promise<Buffer>> {
    const chain = sizeBytes < MINI_BELOW_BYTES ? await this.miniChain(start) : this.chain(start);
    return (at, length) => readChain(chain, at, Math.min(length, sizeBytes - at));
  }

  private chain(start: number): Chain {
    const { sectorBytes } = this;
    return {
      pieceBytes: sectorBytes,
      pieces: [start],
      next: (sector) => this.next(sector),
      read: (sector) => this.sector(sector),
    };
  }

  private async miniChain(start: number): Promise<Chain> {
    const [root] = await this.entries();
    const [content, table] = [this.chain(root?.start ?? NOBODY), this.chain(this.head.readUInt32LE(60))];
    return {
      pieceBytes: MINI_BYTES,
      pieces: [start],
      next: async (piece) => numbers(await readChain(table, piece * 4, 4))[0] ?? NOBODY,
      read: (piece) => readChain(content, piece * MINI_BYTES, MINI_BYTES),
    };
  }

  private sector(sector: number): Promise<Buffer> {
    return this.bytes.read((sector + 1) * this.sectorBytes, this.sectorBytes);
  }

  private async next(sector: number): Promise<number> {
    this.table ??= await this.tableSectors();
    const perSector = this.sectorBytes / 4;
    const part = this.table[Math.floor(sector / perSector)];
    if (part === undefined) return NOBODY;
    const listed = this.tables.get(part) ?? numbers(await this.sector(part));
    this.tables.set(part, listed);
    return listed[sector % perSector] ?? NOBODY;
  }

  private async tableSectors(): Promise<number[]> {
    const sectors = numbers(this.head.subarray(76, HEADER_BYTES));
    let more = this.head.readUInt32LE(68);
    for (let n = 0; more < FREE && n < MAX_DIFAT_SECTORS; n++) {
      const listed = numbers(await this.sector(more));
      more = listed.pop() ?? NOBODY;
      sectors.push(...listed);
    }
    return sectors;
  }
}

async function readChain(chain: Chain, at: number, length: number): Promise<Buffer> {
  const { pieces, pieceBytes } = chain;
  const found: Buffer[] = [];
  for (let from = at; from < at + length; from = (Math.floor(from / pieceBytes) + 1) * pieceBytes) {
    const index = Math.floor(from / pieceBytes);
    while (pieces.length <= index && (pieces.at(-1) as number) < FREE)
      pieces.push(await chain.next(pieces.at(-1) as number));
    const piece = pieces[index];
    if (piece === undefined || piece >= FREE) break;
    const content = await chain.read(piece);
    found.push(content.subarray(from % pieceBytes, (from % pieceBytes) + (at + length - from)));
  }
  return Buffer.concat(found);
}

function entryOf(entry: Buffer): Entry {
  const nameBytes = Math.min(Math.max(entry.readUInt16LE(64) - 2, 0), 62);
  return {
    name: entry.toString('utf16le', 0, nameBytes),
    left: entry.readUInt32LE(68),
    right: entry.readUInt32LE(72),
    child: entry.readUInt32LE(76),
    start: entry.readUInt32LE(116),
    sizeBytes: entry.readUInt32LE(120),
  };
}

function numbers(content: Buffer): number[] {
  return Array.from({ length: Math.floor(content.length / 4) }, (_, n) => content.readUInt32LE(n * 4));
}
