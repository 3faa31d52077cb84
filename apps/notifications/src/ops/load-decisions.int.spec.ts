import { decisionView } from '@bellhop/contracts/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { insertDelivery } from '../../test/delivery-rows.js';
import { loadDecisions } from './load-decisions.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate decisions, deliveries'));

const decided = (system: string, recipientKey: string, deliveryId: string | null = null) =>
  dataSource.query(`insert into decisions values ($1, 'e', 'ticket.replied.v1', $2, 'email', $3, $4, now())`, [
    system,
    recipientKey,
    deliveryId,
    deliveryId === null ? 'seen' : null,
  ]);
const load = async (system: string | null = 'crm') => loadDecisions(dataSource.manager, 'e', system);

describe('the decisions about an event', () => {
  it('name people by role, kind and account, and have no address', async () => {
    for (const key of ['crm:guest:canary@example.com', 'crm:user:u:1', 'crm:agent:a', 'bellhop:team', '']) {
      await decided('crm', key);
    }
    const views = (await load()).map(({ view }) => view);
    expect(views.map(({ recipient }) => recipient)).toEqual(
      expect.arrayContaining([
        { role: 'requester', kind: 'guest', id: null },
        { role: 'requester', kind: 'user', id: 'u:1' },
        { role: 'assignee', kind: 'agent', id: 'a' },
        { role: 'team', kind: 'agent', id: null },
        null,
      ]),
    );
    expect(JSON.stringify(views)).not.toContain('canary');
    for (const view of views) expect(decisionView.parse(view)).toEqual(view);
  });

  it.each([
    ['accepted', null, 'deliver', null],
    ['retrying', 'no_answer', 'deliver', 'no_answer'],
    ['dead', 'address_refused: 550 no', 'deliver', 'address_refused: 550 no'],
    ['skipped', 'overtaken', 'skip', 'overtaken'],
  ])('tells what became of a delivery that is %s', async (state, stored, outcome, reason) => {
    const deliveryId = await insertDelivery(dataSource, { state, reason: stored, settled_at: new Date() });
    await decided('crm', 'crm:user:u', deliveryId);
    const [one] = await load();
    expect(one?.view).toMatchObject({ outcome, reason, state, deliveryId });
    expect(decisionView.parse(one?.view)).toEqual(one?.view);
  });

  it('are separate for each system that published it', async () => {
    await decided('crm', 'crm:user:u');
    await decided('erp', 'erp:user:u');
    expect((await load('erp')).map(({ system }) => system)).toEqual(['erp']);
    expect((await load(null)).map(({ system }) => system)).toEqual(['crm', 'erp']);
    expect(await load('other')).toEqual([]);
  });
});
