import { randomUUID } from 'node:crypto';
import { buildEvent } from '@bellhop/contracts/testing';
import { wideReads } from '@bellhop/local-stack';
import { appendEvents, claimEvents } from '@bellhop/outbox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../test/database.js';
import { emailOver, insertDelivery, nobodyErased } from '../test/delivery-rows.js';
import { leaseBlocks } from './channels/email/limits/lease-blocks.js';
import { insertEntries } from './channels/feed/insert-entries.js';
import { loadStates } from './channels/feed/load-states.js';
import { lockFeeds } from './channels/feed/lock-feeds.js';
import { markTicketsSeen } from './channels/feed/mark-tickets-seen.js';
import { loadDevices } from './channels/push/subscriptions/load-devices.js';
import { loadReached } from './channels/push/subscriptions/load-reached.js';
import { recordAttempts } from './channels/push/subscriptions/record-attempts.js';
import type { LeasedDelivery } from './dispatch/delivery.js';
import { claimDue } from './dispatch/leases/claim-due.js';
import { expireLeases } from './dispatch/leases/expire-leases.js';
import { renewLeases } from './dispatch/leases/renew-leases.js';
import { hastenWaiting } from './dispatch/outcomes/hasten-waiting.js';
import { markAccepted } from './dispatch/outcomes/mark-accepted.js';
import { markRetrying } from './dispatch/outcomes/mark-retrying.js';
import { markSettled } from './dispatch/outcomes/mark-settled.js';
import { markUnknown } from './dispatch/outcomes/mark-unknown.js';
import { suppress } from './dispatch/outcomes/suppress.js';
import { deleteUnused, wipeFrozen } from './dispatch/outcomes/wipe-frozen.js';
import { beginSending } from './dispatch/preparation/begin-sending.js';
import { loadCodes } from './dispatch/preparation/load-codes.js';
import { loadFrozen } from './dispatch/preparation/load-frozen.js';
import { loadPreSendState } from './dispatch/preparation/load-pre-send-state.js';
import { mergeTeamDeliveries } from './dispatch/preparation/merge-team-deliveries.js';
import { acceptByEvidence } from './feedback/accept-by-evidence.js';
import { claimReceipts } from './feedback/claim-receipts.js';
import { findDeliveries } from './feedback/find-deliveries.js';
import { recordFeedback } from './feedback/record-feedback.js';
import { insertGuestMail } from './guest-mails/insert-guest-mail.js';
import { storeDecisions } from './intake/store-decisions.js';
import { upsertTickets } from './intake/upsert-tickets.js';
import { loadPersonSettings } from './preferences/load-person-settings.js';
import { loadSent } from './sent/load-sent.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
/** What the hot path says to Postgres, by what says it. */
let statements: Record<string, string>;
/** Texts that are planned once for a connection; others are planned each time. */
let named: ReadonlySet<string>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase({ hasGenericPlans: true }));
  statements = await hotStatements();
  // One connection was enough for all, since they were run one after the other.
  const rows: { statement: string }[] = await dataSource.query('select statement from pg_prepared_statements');
  named = new Set(rows.map(({ statement }) => statement));
});
afterAll(() => stop?.());
afterEach(() =>
  dataSource.query(
    'truncate deliveries, decisions, told, known_tickets, inbox, outbox, sealed_codes, push_subscriptions',
  ),
);

/** Each is asked for once, about nothing. A connection with generic plans plans a statement without its values, named or not. */
async function hotStatements(): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  const noted = async (name: string, ask: () => Promise<unknown>) => {
    dataSource.logger.logQuery = (sql) => {
      if (/^\s*(?:with|select|insert|update|delete)/i.test(sql)) texts[name in texts ? `${name}, next` : name] = sql;
    };
    await ask();
  };
  const { manager } = dataSource;
  const nobody = { id: randomUUID(), fence: 0 } as LeasedDelivery;
  await noted('claimDue', () =>
    claimDue(dataSource, { channel: emailOver(), limit: 1, requestedLimit: 1, owner: randomUUID(), leaseMs: 1_000 }),
  );
  await noted('loadPreSendState', () => loadPreSendState(dataSource, emailOver(), [], nobodyErased()));
  await noted('beginSending', () => beginSending(dataSource, [], 1_000));
  const wanted = { provider: 'p', holder: randomUUID(), count: 10, kept: 7, blocks: 0, leaseMs: 1_000 };
  await noted('leaseBlocks', () => leaseBlocks(dataSource, wanted));
  await noted('loadFrozen', () => loadFrozen(dataSource, []));
  await noted('markAccepted', () => markAccepted(manager, []));
  await noted('markSettled', () => markSettled(manager, 'dead', []));
  await noted('markRetrying', () => markRetrying(manager, []));
  await noted('markUnknown', () => markUnknown(manager, []));
  await noted('wipeFrozen', () => wipeFrozen(manager, []));
  await noted('deleteUnused', () => deleteUnused(manager, []));
  await noted('renewLeases', () => renewLeases(dataSource, [], 1_000));
  await noted('expireLeases', () =>
    expireLeases(manager, { channel: 'email', unknownWaitMs: 1_000, maxUnknowns: null }),
  );
  await noted('mergeTeamDeliveries', () => mergeTeamDeliveries(manager, nobody, []));
  await noted('suppress', () => suppress(manager, []));
  await noted('lockFeeds', () => lockFeeds(manager, []));
  await noted('insertEntries', () => insertEntries(manager, []));
  await noted('markTicketsSeen', () => markTicketsSeen(manager, []));
  await noted('loadStates', () => loadStates(dataSource, []));
  await noted('claimReceipts', () => claimReceipts(manager, []));
  await noted('findDeliveries', () => findDeliveries(manager, [], []));
  await noted('acceptByEvidence', () => acceptByEvidence(manager, []));
  await noted('recordFeedback', () => recordFeedback(manager, []));
  await noted('loadDevices', () => loadDevices(dataSource, []));
  await noted('loadPersonSettings', () =>
    loadPersonSettings(dataSource, [{ recipientKey: 'crm:user:7', system: 'crm', ticketId: 'T' }]),
  );
  await noted('hastenWaiting', () =>
    hastenWaiting(
      manager,
      [{ channel: 'push', recipientKey: 'crm:user:7', system: 'crm', ticketId: 'T' } as LeasedDelivery],
      0,
    ),
  );
  await noted('loadReached', () => loadReached(manager, []));
  await noted('recordAttempts', () => recordAttempts(dataSource, []));
  await noted('loadSent', () => loadSent(dataSource, { keys: [], ticketIds: null }, { limit: 1 }));
  await noted('loadCodes', () => loadCodes(dataSource, []));
  await noted('insertGuestMail', () =>
    insertGuestMail(dataSource, {
      requestId: randomUUID(),
      template: 'link',
      ticketId: 'T',
      number: 'N',
      email: 'a@example.com',
    }),
  );
  await dataSource.transaction(async (inTransaction) => {
    const fact = { system: 'crm', event: buildEvent('ticket.replied.v1') };
    await noted('claimEvents', () => claimEvents(inTransaction, 'notifications', [{ system: 'crm', eventId: '1' }]));
    await noted('upsertTickets', () => upsertTickets(inTransaction, [fact], []));
    await noted('storeDecisions', () => storeDecisions(inTransaction, [], []));
    await noted('appendEvents', () => appendEvents(inTransaction, [buildEvent('notification.accepted.v1')]));
  });
  dataSource.logger.logQuery = () => undefined;
  return texts;
}

const isNamed = (sql: string) => named.has(sql);

describe('statements of the hot path find their rows by index', () => {
  it('all of them, fifteen under a name', () => {
    expect(Object.values(statements).filter(isNamed)).toHaveLength(15);
    expect(Object.keys(statements).length).toBeGreaterThanOrEqual(34);
  });

  it('though they are planned while the tables are empty', async () => {
    expect(await allWideReads()).toEqual({});
  });

  it('after a wave: everything is settled, and the partial indexes of what is under way seem to cost nothing', async () => {
    await dataSource.query(
      `insert into deliveries (id, system, ticket_id, ticket_number, version, recipient_key, recipient_role, recipient_kind, endpoint, channel,
         template, template_version, template_rank, replies, event_ids, priority, is_immediate, state, first_at, due_at, attempted_at, settled_at,
         ceiling_key, batch_id, provider_ref)
       select gen_random_uuid(), 'crm', 'T-' || n, 'T-' || n, 1, 'crm:user:' || n, 'requester', 'user', n || '@example.com', 'email',
         'replied', 1, 1, 1, '{}', 30, false, (array['accepted', 'accepted', 'dead', 'skipped'])[1 + n % 4], now(), now(), now(), now(),
         n || '@example.com', gen_random_uuid(), 'ref-' || n
       from generate_series(1, 5000) n`,
    );
    await dataSource.query(
      `insert into push_subscriptions (id, person, endpoint_hash, keys_hash, vapid_key, service, browser_hash, state, registered_at, confirmed_at, ended_at)
       select gen_random_uuid(), 'p' || n, sha256(n::text::bytea), 'keys', 'key', 'fcm', 'b' || n, 'gone', now(), now(), now()
       from generate_series(1, 5000) n`,
    );
    await dataSource.query('analyze');
    expect(await allWideReads()).toEqual({});
  });

  it('those under a name though a few rows that are known to be few are cheaper to read whole: the plan is kept, and they do not stay few', async () => {
    for (let index = 0; index < 20; index++) {
      for (const state of ['pending', 'retrying', 'dead', 'accepted'])
        await insertDelivery(dataSource, { recipient_key: `crm:user:${index}`, state });
      await dataSource.query(`insert into told values ($1, 'crm', 'T', 'email', 1)`, [`crm:user:${index}`]);
      await dataSource.query(`insert into known_tickets values ('crm', $1, 1, 'crm:user:u')`, [String(index)]);
    }
    await dataSource.query('analyze');
    expect(await allWideReads(isNamed)).toEqual({});
  });
});

/** Only what reads more than it has to. */
async function allWideReads(isAsked = (_: string) => true): Promise<Record<string, string[]>> {
  const reads: Record<string, string[]> = {};
  for (const [name, sql] of Object.entries(statements)) {
    if (!isAsked(sql)) continue;
    const wide = await wideReads((text) => dataSource.query(text), sql);
    if (wide.length > 0) reads[name] = wide;
  }
  return reads;
}
