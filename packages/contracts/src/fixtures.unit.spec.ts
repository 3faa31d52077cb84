import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readEvent } from './events/read-event.js';
import { type EventType, events } from './events/registry.js';
import { exampleOf } from './reference/example.js';
import { type FieldRow, fieldRows } from './reference/field-rows.js';
import { GOLDEN_HASHES, generatedFiles, goldenFixtures, hashOf } from './reference/generated-files.js';
import { jsonSchemaOf } from './reference/json-schemas.js';

const PACKAGE = join(import.meta.dirname, '..');
const TYPES = Object.keys(events) as EventType[];
const read = (path: string) => readFileSync(join(PACKAGE, path));
const json = (path: string) => JSON.parse(read(path).toString());

const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats.default(ajv);
const validators = new Map(TYPES.map((type) => [type, ajv.compile(json(`schemas/${type}.json`))]));
const matchesSchema = (type: EventType, value: unknown) => validators.get(type)?.(value) === true;

describe('golden fixtures', () => {
  it.each(TYPES)('%s has a minimal and a full one', (type) => {
    expect(existsSync(join(PACKAGE, `fixtures/${type}/minimal.json`))).toBe(true);
    expect(existsSync(join(PACKAGE, `fixtures/${type}/full.json`))).toBe(true);
  });

  it.each([...goldenFixtures(PACKAGE).keys()])('%s is read, and nothing of it is left out', (name) => {
    const event = json(`fixtures/${name}`);
    expect(readEvent(event)).toEqual({ ok: true, event });
    expect(name).toContain(event.type);
    expect(matchesSchema(event.type, event)).toBe(true);
  });

  it.each(TYPES)('%s: nothing of the minimal one can be left out', (type) => {
    const event = json(`fixtures/${type}/minimal.json`);
    for (const path of leaves(event)) {
      expect([path, readEvent(without(event, path)).ok, matchesSchema(type, without(event, path))]).toEqual([
        path,
        false,
        false,
      ]);
    }
  });

  it.each(TYPES)('%s: the full one has every field', (type) => {
    const event = json(`fixtures/${type}/full.json`);
    const missing = fieldRows(jsonSchemaOf(type)).filter(
      (row) => isOfThisKind(row) && valueAt(event, row.path) === undefined,
    );
    expect(missing).toEqual([]);
  });

  it('are append-only: each is what it was when it was added', () => {
    const lines = read(GOLDEN_HASHES).toString().trim().split('\n');
    expect(lines).toEqual([...goldenFixtures(PACKAGE)].map(([name, bytes]) => `${hashOf(bytes)}  ${name}`));
  });

  it.each(TYPES)('%s: those that would be made of it if it were new are read as they are', (type) => {
    for (const kind of ['full', 'minimal'] as const) {
      const event = exampleOf(events[type], kind);
      expect(readEvent(event)).toEqual({ ok: true, event });
    }
  });
});

describe('readers', () => {
  it.each(TYPES)('%s: fields that are not known are ignored, wherever they are', (type) => {
    const event = json(`fixtures/${type}/minimal.json`);
    const newer = { ...event, dataschema: 'x', data: { ...event.data, mood: 'good', ticket: more(event.data.ticket) } };
    expect(readEvent(newer)).toEqual({ ok: true, event });
    expect(matchesSchema(type, newer)).toBe(true);
  });

  it.each(readdirSync(join(PACKAGE, 'fixtures/invalid')))('refuse %s, and say what is wrong', (name) => {
    const { event, detail } = json(`fixtures/invalid/${name}`);
    expect(readEvent(event)).toEqual({ ok: false, detail });
  });
});

describe('generated files', () => {
  it.each([...generatedFiles(PACKAGE)])('%s is what the contract says', (path, text) => {
    expect(read(path).toString()).toBe(text);
  });

  it('use no regular expression that other languages do not have', () => {
    const patterns = TYPES.flatMap((type) => [
      ...read(`schemas/${type}.json`)
        .toString()
        .matchAll(/"pattern": (".*")/g),
    ]).map(([, one]) => JSON.parse(one as string));
    expect(patterns.length).toBeGreaterThan(100);
    for (const pattern of new Set<string>(patterns)) {
      expect(pattern).not.toMatch(/\(\?[=!<]|\\[pPdDwWbB](?![^[\]]*\])\{?\w*u|\(\?P/);
      for (const [, least, most] of pattern.matchAll(/\{(\d+)(?:,(\d+))?\}/g))
        expect(Number(most ?? least)).toBeLessThanOrEqual(1_000);
    }
  });

  it.each(TYPES)('%s: every field has a meaning', (type) => {
    const silent = fieldRows(jsonSchemaOf(type)).filter((row) => row.meaning === '' && row.path !== 'data');
    expect(silent).toEqual([]);
  });
});

const more = (ticket: unknown) =>
  typeof ticket === 'object' && ticket !== null ? { ...ticket, colour: 'red' } : ticket;

/** Paths of all values that are neither object nor array. */
function leaves(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, field]) => leaves(field, [...path, key]));
}

function without(value: unknown, [first, ...rest]: string[]): unknown {
  const { [first as string]: field, ...others } = value as Record<string, unknown>;
  return rest.length === 0 ? others : { ...others, [first as string]: without(field, rest) };
}

/** The full fixtures have a user; the alternatives of a guest are in the minimal ones. */
function isOfThisKind(row: FieldRow): boolean {
  return !row.path.includes('(guest)');
}

function valueAt(value: unknown, path: string): unknown {
  const keys = path.replace(' (user)', '').split('.');
  return keys.reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], value);
}
