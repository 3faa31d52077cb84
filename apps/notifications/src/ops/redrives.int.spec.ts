import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { loadRedrives, recordRedrives } from './redrives.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate redrives'));

const letter = (sequence: number, time = '2026-11-25T10:00:00.123Z') => ({ sequence, parkedAt: new Date(time) });
const remember = (letters: ReturnType<typeof letter>[], by = 'ops', isRepaired = false) =>
  recordRedrives(dataSource.manager, letters, { by, isRepaired });

describe('a redrive', () => {
  it('is recorded with who and when; the latest counts', async () => {
    await remember([letter(7), letter(8)]);
    await remember([letter(7)], 'lead', true);
    const found = await loadRedrives(dataSource.manager, [letter(7), letter(8), letter(9)]);
    expect([...found].map(([sequence, { by, isRepaired }]) => [sequence, by, isRepaired])).toEqual([
      [7, 'lead', true],
      [8, 'ops', false],
    ]);
    expect(Date.parse(found.get(7)?.at ?? '')).toBeLessThanOrEqual(Date.now() + 1_000);
  });

  it('is not that of another letter with the same sequence, in a stream that was created again', async () => {
    await remember([letter(7)]);
    expect((await loadRedrives(dataSource.manager, [letter(7, '2026-12-24T10:00:00.123Z')])).size).toBe(0);
  });

  it('is recorded for two people at the same time, in any order of their letters', async () => {
    const letters = Array.from({ length: 200 }, (_, index) => letter(index + 1));
    const both = [remember(letters, 'a'), remember([...letters].reverse(), 'b')];
    await Promise.all(both);
    expect((await loadRedrives(dataSource.manager, letters)).size).toBe(200);
  });
});
