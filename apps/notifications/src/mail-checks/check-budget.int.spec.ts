import { once } from 'node:events';
import { connect } from 'node:net';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { readyDatabase } from '../../test/delivery-rows.js';
import { type RunningNotifications, runningNotifications } from '../../test/running-notifications.js';
import { recordStatements } from '../../test/statements.js';
import { CheckBudget } from './check-budget.js';
import { purgeChecks } from './purge-checks.js';

let app: RunningNotifications;
let dataSource: DataSource;
/** Of one replica. */
let budget: CheckBudget;
beforeAll(async () => {
  app = await runningNotifications();
  ({ dataSource } = app.database);
});
afterAll(() => app?.stop());
beforeEach(() => {
  budget = new CheckBudget(readyDatabase(dataSource));
});
afterEach(() => dataSource.query('truncate mail_check_counts'));

const NETWORK = '203.0.113.7/32';
const spend = (network = NETWORK) =>
  budget.spend(network).then(
    () => 'admitted',
    ({ code, status, headers }) => ({ code, status, headers }),
  );
const spendAll = async () => {
  for (let count = 0; count < 20; count++) expect(await spend()).toBe('admitted');
};
/** The windows of all networks began earlier. */
const age = (interval: string) =>
  dataSource.query('update mail_check_counts set began_at = began_at - $1::interval', [interval]);

describe('the budget of a network', () => {
  it('is twenty checks in a quarter of an hour, and another network has its own', async () => {
    await spendAll();
    expect(await spend()).toEqual({
      code: 'too_many_checks',
      status: 429,
      headers: { 'retry-after': expect.stringMatching(/^(900|[1-8]\d\d)$/) },
    });
    expect(await spend('198.51.100.7/32')).toBe('admitted');
  });

  it('counts each of many at once', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => spend('2001:db8:1:101::/64')));
    expect(all.filter((one) => one === 'admitted')).toHaveLength(20);
  });

  it('costs no statement while it is used up, and is there again afterwards', async () => {
    await spendAll();
    await age('14 minutes 57 seconds');
    await spend();
    const statements = recordStatements(dataSource);
    for (let count = 0; count < 50; count++) expect(await spend()).toMatchObject({ code: 'too_many_checks' });
    expect(statements).toEqual([]);
    await waitFor(async () => (await spend()) === 'admitted');
  });

  it('is asked before a body is read', async () => {
    const body = { method: 'POST', body: 'no mail', headers: { 'content-type': 'text/plain' } };
    for (let count = 0; count < 20; count++) {
      expect((await fetch(`${app.url}/notifications/mail-checks`, body)).status).toBe(422);
    }
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    const head =
      'POST /notifications/mail-checks HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 200000';
    socket.write(`${head}\r\n\r\nFrom: `);
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(10_000) });
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1.1 429 /);
  });

  it('is forgotten afterwards', async () => {
    await spend();
    const count = () => dataSource.query('select count(*)::int as count from mail_check_counts');
    const signal = new AbortController().signal;
    await purgeChecks(dataSource, { signal });
    expect((await count())[0].count).toBeGreaterThan(0);
    await age('16 minutes');
    await purgeChecks(dataSource, { signal });
    expect(await count()).toEqual([{ count: 0 }]);
  });
});
