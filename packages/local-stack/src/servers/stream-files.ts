import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NatsServer } from './nats.js';

/** A stream's files as they were at one moment, by their path inside the stream's folder. */
export interface Snapshot {
  readonly stream: string;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** What the server can do without, and would believe although it is out of date: it reads the blocks instead. */
const INDEX = /^msgs\/(?!\d+\.blk$)/;

/**
 * Copies the files of a stream as they stand now. Of a running server that is what a disk would hold after a power cut:
 * what was stored a moment ago may be missing. `pause()` it first for a copy that has everything.
 *
 * @throws Error when the server keeps no such stream
 */
export function snapshotStream(nats: Pick<NatsServer, 'storeDir'>, stream: string): Snapshot {
  const files = new Map<string, Buffer>();
  read(streamFolder(nats, stream), '', files);
  return { stream, files };
}

/**
 * Puts an earlier state of a stream back, as after a power cut or from an old disk. The server must not run: `kill()` it
 * first, `resume()` it afterwards.
 *
 * @param keepConsumers true: only the messages are old, the consumers are as far as they had written down. nats-server
 * 2.14 takes such a consumer back while it starts (it logs "past last stream sequence"); older ones leave it ahead of its
 * stream. false: the whole folder is old.
 */
export function restoreStream(
  nats: Pick<NatsServer, 'storeDir'>,
  snapshot: Snapshot,
  { keepConsumers }: { keepConsumers: boolean },
): void {
  const folder = streamFolder(nats, snapshot.stream);
  rmSync(keepConsumers ? join(folder, 'msgs') : folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'msgs'), { recursive: true });
  for (const [path, content] of snapshot.files) {
    if (INDEX.test(path) || (keepConsumers && !path.startsWith('msgs/'))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Accounts have folders of their own; a stream's name is found in one of them. */
function streamFolder({ storeDir }: Pick<NatsServer, 'storeDir'>, stream: string): string {
  for (const account of readdirSync(storeDir)) {
    const streams = join(storeDir, account, 'streams');
    if (listed(streams).includes(stream)) return join(streams, stream);
  }
  throw new Error(`the NATS server keeps no stream ${stream} in ${storeDir}: has it been created?`);
}

function listed(folder: string): string[] {
  return whileItIsThere(() => readdirSync(folder)) ?? [];
}

function read(folder: string, path: string, into: Map<string, Buffer>): void {
  for (const entry of whileItIsThere(() => readdirSync(join(folder, path), { withFileTypes: true })) ?? []) {
    const below = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) read(folder, below, into);
    else {
      const content = whileItIsThere(() => readFileSync(join(folder, below)));
      if (content) into.set(below, content);
    }
  }
}

/** A running server replaces files while they are read. */
function whileItIsThere<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) return null;
    throw error;
  }
}
