import { randomUUID } from 'node:crypto';
import { cursor, listSuppressionsResponse } from '@bellhop/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { liftSuppression } from './lift-suppression.js';
import { loadSuppressions } from './load-suppressions.js';
import { decodeCursor, encodeCursor } from './suppression-cursor.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate suppressions'));

const insert = (address: string, age: string) =>
  dataSource.query(`insert into suppressions values ($1, 'bounced', $2, now() - $3::interval)`, [
    address,
    randomUUID(),
    age,
  ]);

describe('suppressed addresses', () => {
  it('are listed newest first, each once, also where many were suppressed at one moment', async () => {
    await dataSource.query(
      `insert into suppressions select n || '@example.com', 'complained', gen_random_uuid(),
         '2026-11-25T08:00:00.000123Z'::timestamptz + n / 7 * interval '1 microsecond' from generate_series(1, 40) n`,
    );
    const seen: string[] = [];
    for (let next: string | undefined; ; ) {
      const page = await loadSuppressions(dataSource, { limit: 3, cursor: next });
      expect(listSuppressionsResponse.parse(page)).toEqual(page);
      seen.push(...page.items.map(({ address }) => address));
      if (page.next === null) break;
      next = page.next;
    }
    const sorted: { address: string }[] = await dataSource.query(
      'select address from suppressions order by suppressed_at desc, address desc',
    );
    expect(seen).toEqual(sorted.map(({ address }) => address));
  });

  it('are lifted in any spelling, one at a time', async () => {
    await insert('jana@xn--mnchen-3ya.example', '1 day');
    await insert('eve@example.com', '2 days');
    expect(await liftSuppression(dataSource, 'JANA@münchen.example')).toBe(true);
    expect(await liftSuppression(dataSource, 'jana@xn--mnchen-3ya.example')).toBe(false);
    expect((await loadSuppressions(dataSource, { limit: 25 })).items).toMatchObject([{ address: 'eve@example.com' }]);
  });
});

describe('the cursor of suppressed addresses', () => {
  const position = { moment: '1795342530123456', address: `${'a'.repeat(64)}@${'b'.repeat(180)}.example` };

  it('comes back as the position it was made of, in the shape of the contract', () => {
    expect(decodeCursor(encodeCursor(position))).toEqual(position);
    expect(cursor.safeParse(encodeCursor(position)).success).toBe(true);
  });

  const of = (text: string) => Buffer.from(text).toString('base64url');
  it.each(['', of('hello'), of('1.'), of('.a@b'), of(`${'9'.repeat(18)}.a@b`), of('1.a\u0000b'), of('1.a\nb')])(
    'is refused as %j',
    (text) => {
      expect(() => decodeCursor(text)).toThrow(expect.objectContaining({ status: 400, code: 'invalid_cursor' }));
    },
  );
});
