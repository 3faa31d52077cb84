import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EventType, events } from '../events/registry.js';
import { eventsPage } from './events-page.js';
import { formatJson } from './format-json.js';
import { jsonSchemaOf } from './json-schemas.js';

export const SCHEMA_FOLDER = 'schemas';
export const GOLDEN_HASHES = 'fixtures/golden.sha256';

/** Every file that is made from the schemas and fixtures: path from the package's folder → text. */
export function generatedFiles(packageFolder: string): Map<string, string> {
  const types = Object.keys(events) as EventType[];
  const files = new Map(types.map((type) => [`${SCHEMA_FOLDER}/${type}.json`, formatJson(jsonSchemaOf(type))]));
  const fixture = (type: EventType) =>
    JSON.parse(readFileSync(join(packageFolder, 'fixtures', type, 'full.json'), 'utf8'));
  const examples = Object.fromEntries(types.map((type) => [type, fixture(type)])) as Record<EventType, unknown>;
  files.set('../../docs/reference/events.md', eventsPage(examples));
  return files.set(GOLDEN_HASHES, goldenHashes(packageFolder));
}

/**
 * One line per golden fixture, as `sha256sum` writes it. Lines that are there are kept as they are, so that a fixture
 * which was changed afterwards does not match its line any more.
 */
function goldenHashes(packageFolder: string): string {
  const path = join(packageFolder, GOLDEN_HASHES);
  const kept = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  const known = new Set(kept.map((line) => line.slice(66)));
  const added = goldenFixtures(packageFolder)
    .filter((name) => !known.has(name))
    .map((name) => `${hashOf(readFileSync(join(packageFolder, 'fixtures', name)))}  ${name}`);
  const byName = [...kept, ...added].sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
  return `${byName.join('\n')}\n`;
}

/** Paths from `fixtures`, for example `ticket.replied.v1/full.json`. */
export function goldenFixtures(packageFolder: string): string[] {
  const folder = join(packageFolder, 'fixtures');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'invalid')
    .flatMap((entry) => readdirSync(join(folder, entry.name)).map((file) => `${entry.name}/${file}`))
    .sort();
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
