import { streams } from '@bellhop/contracts/streams';
import { freePort, type NatsServer, startNats, type TestDatabase, testDatabase } from '@bellhop/local-stack';
import { dataSourceFor } from '@bellhop/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MigrationInterface } from 'typeorm';
import { undoAfterEach } from '../../test/after-each.js';
import { CreateThings } from '../../test/fixture/src/create-things.js';
import { type ProvisionPlan, provisionService } from './provision-service.js';

const undo = undoAfterEach();
let nats: NatsServer;
let database: TestDatabase;
beforeAll(async () => {
  nats = await startNats();
  database = await testDatabase();
});
afterAll(async () => {
  await database.drop();
  await nats.stop();
});

function plan(changes: Partial<ProvisionPlan> = {}): { plan: ProvisionPlan; printed: string[] } {
  const printed: string[] = [];
  return {
    printed,
    plan: {
      name: 'tickets',
      natsUrl: nats.url,
      databaseUrl: database.url,
      migrations: [CreateThings],
      streams: [streams.TICKETS],
      consumers: [{ stream: 'TICKETS', service: 'notifications' }],
      print: (line) => void printed.push(line),
      ...changes,
    },
  };
}

class Broken implements MigrationInterface {
  name = 'Broken1795300000009';
  up(): Promise<void> {
    return Promise.reject(new Error('this cannot work'));
  }
  async down(): Promise<void> {}
}

describe('provisionService', () => {
  it('prints what it would do and does nothing when it is only asked', async () => {
    const { plan: dry, printed } = plan({ apply: false, consumers: [] });
    await provisionService(dry);
    expect(printed).toEqual([
      'tickets: + migration CreateThings1795300000004',
      expect.stringMatching(/stream TICKETS/),
    ]);
    const { plan: real, printed: done } = plan();
    await provisionService(real);
    expect(done).toEqual([...printed, expect.stringMatching(/consumer notifications/)]);
  });

  it('run again says that nothing is to do; two at once do not hurt each other', async () => {
    const runs = [plan(), plan()];
    await Promise.all(runs.map((run) => provisionService(run.plan)));
    for (const { printed } of runs) expect(printed).toEqual(['tickets: nothing to do, all is as it should be']);
  });

  it('says in one sentence which server is away, after a bounded time', async () => {
    const port = await freePort();
    const noNats = plan({ natsUrl: `nats://user:hunter2@127.0.0.1:${port}`, waitMs: 500 });
    await expect(provisionService(noNats.plan)).rejects.toMatchObject({
      code: 'nats_away',
      message: expect.stringMatching(/^Cannot provision: NATS at (?!.*hunter2)/),
    });
    const noDatabase = plan({ databaseUrl: `postgres://user:hunter2@127.0.0.1:${port}/tickets`, waitMs: 500 });
    await expect(provisionService(noDatabase.plan)).rejects.toMatchObject({
      code: 'database_away',
      message: expect.stringMatching(/^Cannot provision: Postgres at (?!.*hunter2)/),
    });
  });

  it('waits for no stream of another service: that one makes the consumer with it', async () => {
    const bare = await startNats();
    const both = await Promise.all([testDatabase(), testDatabase()]);
    undo(() => bare.stop());
    for (const { drop } of both) undo(drop);
    const [first, second] = both.map(({ url }) => ({ natsUrl: bare.url, databaseUrl: url, migrations: [] }));
    const onTickets = { stream: 'TICKETS', service: 'guest-auth' } as const;
    const onGuests = { stream: 'GUESTS', service: 'tickets' } as const;
    const tickets = plan({ ...first, consumers: [onTickets, onGuests] });
    await provisionService(tickets.plan);
    expect(tickets.printed).toEqual([
      expect.stringContaining('tickets: + stream TICKETS'),
      'tickets: + consumer guest-auth on stream TICKETS',
      'tickets: . stream GUESTS is not there: guest-auth makes it with consumer tickets, once it is provisioned',
    ]);
    const guests = {
      ...second,
      name: 'guest-auth',
      streams: [streams.GUESTS],
      consumers: [onGuests, onTickets],
    } as const;
    const guestAuth = plan(guests);
    await provisionService(guestAuth.plan);
    expect(guestAuth.printed).toEqual([
      expect.stringContaining('guest-auth: + stream GUESTS'),
      'guest-auth: + consumer tickets on stream GUESTS',
    ]);
    const again = plan({ ...first, consumers: [onTickets, onGuests] });
    await provisionService(again.plan);
    expect(again.printed).toEqual(['tickets: nothing to do, all is as it should be']);
  });

  it('names the migration that failed', async () => {
    await expect(provisionService(plan({ migrations: [CreateThings, Broken] }).plan)).rejects.toMatchObject({
      code: 'migration_failed',
      message: expect.stringMatching(/the migration Broken\d+ of tickets failed.*this cannot work/),
    });
  });

  it('says what Postgres says when it was no migration that failed', async () => {
    const fresh = await testDatabase();
    undo(() => fresh.drop());
    const admin = await dataSourceFor({ service: 'test', url: fresh.url }).initialize();
    await admin.query(
      `alter database "${new URL(fresh.url).pathname.slice(1)}" set default_transaction_read_only = on`,
    );
    await admin.destroy();
    const { plan: hopeless } = plan({ databaseUrl: fresh.url, migrations: [] });
    await expect(provisionService(hopeless)).rejects.toMatchObject({
      code: 'migration_failed',
      message: expect.stringMatching(
        /^Cannot provision: the migrations of tickets could not be applied\. Postgres says: .*read-only/,
      ),
    });
  });

  it('finds two migrations at once that nobody has run, one after the other', async () => {
    const fresh = await testDatabase();
    undo(() => fresh.drop());
    const runs = [plan({ databaseUrl: fresh.url }), plan({ databaseUrl: fresh.url })];
    await Promise.all(runs.map((run) => provisionService(run.plan)));
    const applied = runs.flatMap(({ printed }) => printed).filter((line) => line.includes('+ migration'));
    expect(applied).toHaveLength(1);
  });
});
