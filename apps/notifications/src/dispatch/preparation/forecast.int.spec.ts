import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import { emailOver, insertDelivery, nobodyErased } from '../../../test/delivery-rows.js';
import { Forecast } from './forecast.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
let forecast: Forecast;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
  forecast = new Forecast([emailOver()], nobodyErased());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, told, known_tickets, suppressions'));

let people = 0;
/** The forecast for a dead delivery to a new person. */
async function verdict(columns: Record<string, unknown> = {}) {
  people += 1;
  const settled = { state: 'dead', settled_at: new Date() };
  const id = await insertDelivery(dataSource, { recipient_key: `crm:user:${people}`, ...settled, ...columns });
  return (await forecast.of(dataSource.manager, [id])).get(id)?.verdict;
}
const skipped = (reason: string) => ({ kind: 'skip', reason });
const suppress = (systems: string | null) =>
  dataSource.query(
    `insert into suppressions (channel, endpoint, systems, reason, delivery_id)
     values ('email', 'gone@example.com', $1, '550', gen_random_uuid())`,
    [systems],
  );

describe('the forecast of the pre-send check', () => {
  it('lets a delivery pass', async () => {
    expect(await verdict()).toMatchObject({ kind: 'send', template: 'replied' });
  });

  it('says that the requester has seen it, or has changed', async () => {
    await dataSource.query(`insert into known_tickets values ('crm', 'seen', 3, 'crm:user:s', 3, 0, now())`);
    await dataSource.query(`insert into known_tickets values ('crm', 'moved', 3, 'crm:user:other', 0, 0, now())`);
    expect(await verdict({ ticket_id: 'seen', recipient_key: 'crm:user:s' })).toEqual(skipped('seen'));
    expect(await verdict({ ticket_id: 'moved' })).toEqual(skipped('requester_changed'));
  });

  it('says that something newer was sent', async () => {
    await dataSource.query(`insert into told values ('crm:user:o', 'crm', 'T-1', 'email', 4, now())`);
    expect(await verdict({ recipient_key: 'crm:user:o' })).toEqual(skipped('overtaken'));
  });

  it.each([null, '{crm}'])(
    'says that the address is suppressed, however it is spelled (systems: %s)',
    async (systems) => {
      await suppress(systems);
      expect(await verdict({ endpoint: 'Gone@Example.com' })).toEqual(skipped('address_suppressed'));
    },
  );

  it('lets a delivery pass that is suppressed for another system', async () => {
    await suppress('{erp}');
    expect(await verdict({ endpoint: 'gone@example.com' })).toMatchObject({ kind: 'send' });
  });

  it('says that it waits for a ceiling', async () => {
    for (let sent = 0; sent < 10; sent++) {
      const recent = { state: 'accepted', attempted_at: new Date(), ceiling_key: 'u@example.com' };
      await insertDelivery(dataSource, { recipient_key: 'crm:user:c', ...recent });
    }
    expect(await verdict({ recipient_key: 'crm:user:c' })).toEqual({
      kind: 'hold',
      waitMs: expect.any(Number),
      reason: 'ceiling',
    });
  });

  it('has no verdict on a delivery that does not exist', async () => {
    expect((await forecast.of(dataSource.manager, ['0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11'])).size).toBe(0);
  });
});
