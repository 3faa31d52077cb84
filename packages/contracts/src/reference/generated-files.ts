import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EventType, events } from '../events/registry.js';
import { eventsPage } from './events-page.js';
import { exampleOf } from './example.js';
import { formatJson } from './format-json.js';
import { jsonSchemaOf } from './json-schemas.js';

export const SCHEMA_FOLDER = 'schemas';
export const GOLDEN_HASHES = 'fixtures/golden.sha256';

/**
 * Every file that is made from the schemas: path from the package's folder → text. Golden fixtures are made once, for an event that
 * has none yet, and never again.
 */
export function generatedFiles(packageFolder: string): Map<string, string> {
  const types = Object.keys(events) as EventType[];
  const files = new Map(types.map((type) => [`${SCHEMA_FOLDER}/${type}.json`, formatJson(jsonSchemaOf(type))]));
  const fixtures = goldenFixtures(packageFolder);
  for (const [name, text] of newFixtures(types, new Set(fixtures.keys()))) {
    files.set(`fixtures/${name}`, text);
    fixtures.set(name, Buffer.from(text));
  }
  const full = (type: EventType) => JSON.parse(String(fixtures.get(`${type}/full.json`)));
  const examples = Object.fromEntries(types.map((type) => [type, full(type)])) as Record<EventType, unknown>;
  files.set('../../docs/reference/events.md', eventsPage(examples));
  return files.set(GOLDEN_HASHES, goldenHashes(packageFolder, fixtures));
}

function newFixtures(types: readonly EventType[], present: ReadonlySet<string>): [name: string, text: string][] {
  return types
    .flatMap((type) => (['full', 'minimal'] as const).map((kind) => ({ type, kind, name: `${type}/${kind}.json` })))
    .filter(({ name }) => !present.has(name))
    .map(({ type, kind, name }) => [name, formatJson(exampleOf(events[type], kind))]);
}

/**
 * One line per golden fixture, as `sha256sum` writes it. Lines that are there are kept as they are, so that a fixture
 * which was changed afterwards does not match its line any more.
 */
function goldenHashes(packageFolder: string, fixtures: ReadonlyMap<string, Uint8Array>): string {
  const path = join(packageFolder, GOLDEN_HASHES);
  const kept = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  const known = new Set(kept.map((line) => line.slice(66)));
  const added = [...fixtures].filter(([name]) => !known.has(name)).map(([name, bytes]) => `${hashOf(bytes)}  ${name}`);
  const byName = [...kept, ...added].sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
  return `${byName.join('\n')}\n`;
}

/** Those that are there: path from `fixtures`, for example `ticket.replied.v1/full.json`, → bytes. */
export function goldenFixtures(packageFolder: string): Map<string, Uint8Array> {
  const folder = join(packageFolder, 'fixtures');
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'invalid')
    .flatMap((entry) => readdirSync(join(folder, entry.name)).map((file) => `${entry.name}/${file}`))
    .sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
