import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { StartUpError } from '@bellhop/http';

const DOOR = 'door.html';
/** And no folder. */
const FILE = /\.\w+$/;
/** Served in the place of the file that they are made of. */
const COMPRESSED = /\.(br|gz)$/;

/** The built pages. Files that are not in here are not served. */
export interface Site {
  /** An absolute path. */
  readonly folder: string;
  /** Paths below the folder, such as `assets/index-4f2a.js`. */
  readonly files: ReadonlySet<string>;
  /** The guests' door by language in lower case: `door.zh-CN.html` is `zh-cn`. */
  readonly doors: ReadonlyMap<string, string>;
  /** The door for every other language. */
  readonly door: string;
}

/** @throws StartUpError `no_pages` */
export function readSite(url: URL): Site {
  const folder = fileURLToPath(url);
  const files = new Set(namesIn(folder));
  const doors = new Map(
    [...files].flatMap((name) => {
      const language = /^door\.([\w-]+)\.html$/.exec(name)?.[1];
      return language === undefined ? [] : [[language.toLowerCase(), name]];
    }),
  );
  const door = files.has(DOOR) ? DOOR : doors.get('en');
  if (!files.has('index.html') || door === undefined)
    throw new StartUpError('no_pages', `Cannot start: ${folder} has no index.html and door.html. Build the pages.`);
  return { folder, files, doors, door };
}

function namesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => FILE.test(name) && !COMPRESSED.test(name)).map((name) => name.replaceAll('\\', '/'));
  } catch {
    return [];
  }
}

/**
 * The door in the language that somebody reads best.
 *
 * @param wanted `?lang=`, which goes before what the browser prefers
 * @param accepted the header `Accept-Language`
 */
export function doorFor({ doors, door }: Site, wanted: string | undefined, accepted = ''): string {
  const preferred = accepted
    .split(',')
    .map((part) => part.split(';') as [string, ...string[]])
    .map(([language, weight]) => ({ language: language.trim(), q: Number(/q=([\d.]+)/.exec(weight ?? '')?.[1] ?? 1) }))
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ language }) => language);
  for (const language of [...(wanted ? [wanted] : []), ...preferred]) {
    const found = doorIn(doors, language.toLowerCase());
    if (found !== undefined) return found;
  }
  return door;
}

/** `de-AT` reads German, and `zh` what we have in Chinese. */
function doorIn(doors: ReadonlyMap<string, string>, language: string): string | undefined {
  const base = language.split('-', 1)[0];
  return (
    doors.get(language) ??
    doors.get(base as string) ??
    [...doors].find(([known]) => known.split('-', 1)[0] === base)?.[1]
  );
}
