import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { freshDatabase } from '../../test/fixture.js';
import type { InboxKey } from '../sql/claim-keys.js';
import { claimEvents } from './claim-events.js';

const CONSUMER = 'notifications';
const key = (eventId: string, system = 'crm') => ({ system, eventId });

describe('claimEvents', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let dataSource: DataSource;

  const verdicts = (...keys: InboxKey[]) => dataSource.transaction((manager) => claimEvents(manager, CONSUMER, keys));
  /** Which of them are new. */
  const claim = async (...keys: InboxKey[]) => (await verdicts(...keys)).map((verdict) => verdict === 'new');

  beforeAll(async () => {
    database = await freshDatabase();
    dataSource = await database.open();
  });
  afterAll(() => database.drop());
  beforeEach(() => dataSource.query('truncate inbox'));

  it('sees an event for the first time once', async () => {
    expect(await claim(key('1'), key('2'))).toEqual([true, true]);
    expect(await claim(key('2'), key('3'), key('1'))).toEqual([false, true, false]);
  });

  it('takes the same key twice in one call as one event: the second is not new', async () => {
    expect(await claim(key('b'), key('a'), key('b'), key('b'))).toEqual([true, true, false, false]);
    expect(await claim(key('a'), key('a'))).toEqual([false, false]);
  });

  it('S35 keeps systems apart: the same event id of another system is another event', async () => {
    expect(await claim(key('1'), key('1', 'erp'), key('1', 'bellhop'))).toEqual([true, true, true]);
    expect(await claim(key('1', 'erp'))).toEqual([false]);
  });

  it('keeps consumers apart', async () => {
    await claim(key('1'));
    const other = await dataSource.transaction((manager) => claimEvents(manager, 'guest-auth', [key('1')]));
    expect(other).toEqual(['new']);
  });

  it('forgets a claim whose transaction rolled back: the redelivery is new', async () => {
    const attempt = dataSource.transaction(async (manager) => {
      expect(await claimEvents(manager, CONSUMER, [key('1')])).toEqual(['new']);
      throw new Error('the effect failed');
    });
    await expect(attempt).rejects.toThrow('the effect failed');
    expect(await claim(key('1'))).toEqual([true]);
  });

  it.each([
    ['commits', false],
    ['rolls back', true],
  ])('waits for another writer of the same key, and knows it when that one %s', async (_, isRolledBack) => {
    const first = dataSource.createQueryRunner();
    await first.startTransaction();
    expect(await claimEvents(first.manager, CONSUMER, [key('1')])).toEqual(['new']);
    const second = claim(key('1'));
    await waitFor(() => isSomebodyWaiting(), { what: 'the second writer to wait' });
    await (isRolledBack ? first.rollbackTransaction() : first.commitTransaction());
    await first.release();
    expect(await second).toEqual([isRolledBack]);
  });

  it('two writers with the same keys in opposite orders never deadlock', async () => {
    const ids = Array.from({ length: 60 }, (_, i) => `event-${i}`);
    for (let round = 0; round < 15; round++) {
      const keys = ids.map((id) => key(`${round}-${id}`, round % 2 === 0 ? 'crm' : 'erp'));
      const all = await Promise.all([
        claim(...keys),
        claim(...keys.toReversed()),
        claim(...keys),
        claim(...keys.toReversed()),
      ]);
      const news = keys.map(
        (_, i) => all.filter((flags, writer) => flags[writer % 2 === 0 ? i : keys.length - 1 - i]).length,
      );
      expect(news).toEqual(keys.map(() => 1));
    }
  });

  it('takes ids with quotes, commas, braces and backslashes as they are', async () => {
    const odd = ['a"b', "a'b", 'a,b', '{a}', 'a\\b', 'NULL', '%s', '$1', 'x'.repeat(128)];
    expect(await claim(...odd.map((id) => key(id)))).toEqual(odd.map(() => true));
    expect(await claim(...odd.map((id) => key(id)))).toEqual(odd.map(() => false));
  });

  describe('with what the events say', () => {
    const says = (eventId: string, content: string, system = 'crm') => ({
      ...key(eventId, system),
      content: Buffer.from(content),
    });

    it('distinguishes a duplicate from another event under the same id', async () => {
      expect(await verdicts(says('1', 'a'))).toEqual(['new']);
      expect(await verdicts(says('1', 'a'), says('2', 'b'))).toEqual(['repeated', 'new']);
      expect(await verdicts(says('1', 'b'), says('2', 'b'), says('3', 'c'))).toEqual(['reused', 'repeated', 'new']);
    });

    it('also in one call: the first of them counts', async () => {
      expect(await verdicts(says('1', 'a'), says('1', 'b'), says('1', 'a'))).toEqual(['new', 'reused', 'repeated']);
      expect(await verdicts(says('1', 'b'), says('1', 'a'))).toEqual(['reused', 'repeated']);
    });

    it('where it was not kept, everything is the same event', async () => {
      expect(await verdicts(key('1'))).toEqual(['new']);
      expect(await verdicts(says('1', 'a'))).toEqual(['repeated']);
      expect(await verdicts(key('2'), says('2', 'a'))).toEqual(['new', 'repeated']);
    });

    it('S35 another system may say what it likes under an id of its own', async () => {
      await verdicts(says('1', 'a'));
      expect(await verdicts(says('1', 'b', 'erp'))).toEqual(['new']);
    });
  });

  it('refuses to claim outside a transaction', async () => {
    await expect(claimEvents(dataSource.manager, CONSUMER, [key('1')])).rejects.toMatchObject({
      code: 'no_transaction',
    });
  });

  it('returns nothing for nothing', async () => {
    expect(await claim()).toEqual([]);
  });

  async function isSomebodyWaiting(): Promise<boolean> {
    const rows = await dataSource.query(`select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into inbox%'`);
    return rows.length > 0;
  }
});
