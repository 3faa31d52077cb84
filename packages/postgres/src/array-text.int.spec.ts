import { type TestDatabase, testDatabase } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arrayText } from './array-text.js';
import { PostgresClient } from './client.js';

let database: TestDatabase;
let client: PostgresClient;

beforeAll(async () => {
  database = await testDatabase();
  client = new PostgresClient(database.url);
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

/** What Postgres made of an array. */
async function read(type: string, values: readonly unknown[]): Promise<unknown> {
  const text = `select to_json($1::${type}[]) as read`;
  const [plain, named] = [
    await client.query(text, [values]),
    await client.query({ name: type, text, values: [values] }),
  ];
  expect(named.rows).toEqual(plain.rows);
  return plain.rows[0].read;
}

describe('arrays as values', () => {
  it('arrive as they were, whatever text is in them', async () => {
    const awkward = fc.constantFrom(
      'null',
      'NULL',
      '',
      ' ',
      ',',
      '{',
      '}',
      '"',
      '\\',
      '\\"',
      '{"a"}',
      '\n',
      '\t',
      '\u2028',
      'ü',
      '😀',
    );
    // Postgres keeps no NUL, and UTF-8 knows no half of a pair.
    const any = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    const element = fc.oneof(awkward, any, fc.constant(null));
    await fc.assert(
      fc.asyncProperty(fc.array(element, { maxLength: 12 }), async (values) => {
        expect(await read('text', values)).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });

  it('arrive as they were, of any other type', async () => {
    expect(await read('bigint', [1, -2, null, undefined, 2 ** 53])).toEqual([1, -2, null, null, 2 ** 53]);
    expect(await read('float8', [0.5, 1e300, -1e-7, Number.NaN])).toEqual([0.5, 1e300, -1e-7, 'NaN']);
    expect(await read('boolean', [true, false])).toEqual([true, false]);
    expect(await read('bytea', [Buffer.from([0, 255])])).toEqual(['\\x00ff']);
    expect(
      await read('integer', [
        [1, 2],
        [3, 4],
      ]),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await read('text', [])).toEqual([]);
    const moment = new Date('2026-11-26T08:00:00.123Z');
    const { rows } = await client.query('select ($1::timestamptz[])[1] as at', [[moment]]);
    expect(rows[0].at).toEqual(moment);
  });

  it('are written here unless an element needs more', () => {
    expect(arrayText(['a', null, 1])).toBe('{"a",null,1}');
    for (const one of [
      '"',
      '\\',
      '\n',
      Number.POSITIVE_INFINITY,
      1n,
      new Date(Number.NaN),
      new Date('+012026-01-01T00:00:00Z'),
      [1],
      Buffer.of(1),
      {},
    ])
      expect(arrayText(['a', one])).toBeUndefined();
  });
});
