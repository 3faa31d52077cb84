import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Longer than any upload takes, and than what follows until its row is committed. */
const YOUNG_MS = 60 * 60_000;
/** So many turns see the whole: with one every ten minutes, a day. */
const TURNS = 144;
const ASKED_AT_ONCE = 1_000;

interface Place {
  readonly path: string;
  readonly incoming: string;
  readonly turn: number;
}

type Known = (keys: readonly string[]) => Promise<ReadonlySet<string>>;

/** Removes all that is older than an hour from where files arrive, and what nobody knows from the folders whose turn it is. */
export async function sweepFolder({ path, incoming, turn }: Place, known: Known): Promise<number> {
  let removed = await removeOld(join(path, incoming), await names(join(path, incoming)));
  for (const level1 of (await names(path)).filter((name) => isDue(name, turn))) {
    for (const level2 of await names(join(path, level1))) {
      const folder = join(path, level1, level2);
      const keys = await names(folder);
      for (let at = 0; at < keys.length; at += ASKED_AT_ONCE) {
        const asked = keys.slice(at, at + ASKED_AT_ONCE);
        const kept = await known(asked);
        removed += await removeOld(
          folder,
          asked.filter((key) => !kept.has(key)),
        );
      }
    }
  }
  return removed;
}

function isDue(name: string, turn: number): boolean {
  return /^[0-9a-f]{2}$/.test(name) && Number.parseInt(name, 16) % TURNS === turn % TURNS;
}

async function removeOld(folder: string, files: readonly string[]): Promise<number> {
  let removed = 0;
  for (const file of files) {
    const path = join(folder, file);
    const found = await stat(path).catch(() => null);
    if (!found || Date.now() - found.mtimeMs < YOUNG_MS) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}
