import { randomUUID } from 'node:crypto';
import { Shutdown } from '@bellhop/http';
import { NatsLink } from '@bellhop/jetstream';
import { type NatsServer, startNats, type TestDatabase, testDatabase, waitFor } from '@bellhop/local-stack';
import { dataSourceFor } from '@bellhop/postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { CreateErasures } from './create-erasures.js';
import { ErasedPeople } from './erased-people.js';
import { ErasureKeys } from './erasure-keys.js';
import { ErasureRegister } from './erasure-register.js';
import { type ErasedPerson, PersonEraser } from './person-eraser.js';

const keys = new ErasureKeys([Buffer.alloc(32, 5)]);

class TestEraser extends PersonEraser {
  readonly tries: Record<string, number> = {};

  /** Cannot erase anybody whose name begins with `stuck`. */
  async erase(_: unknown, person: ErasedPerson): Promise<Record<string, number>> {
    const name = ['stuck-1', 'stuck-2', 'free', 'later'].find((one) => person.is(one)) ?? 'somebody';
    this.tries[name] = (this.tries[name] ?? 0) + 1;
    if (name.startsWith('stuck')) throw new Error(`${name} cannot be erased`);
    return { rows: 1 };
  }
}

let testing: TestDatabase;
let nats: NatsServer;
let database: Database;
let statements: string[] = [];
beforeAll(async () => {
  [testing, nats] = await Promise.all([testDatabase(), startNats()]);
  const settings = { service: 'test', url: testing.url, migrations: [CreateErasures] };
  const provisioning = await dataSourceFor(settings).initialize();
  await provisioning.runMigrations();
  await provisioning.destroy();
  database = new Database({ dataSource: dataSourceFor(settings), url: testing.url, migrations: [CreateErasures] });
  database.start();
  const { logger } = await database.whenReady();
  logger.logQuery = (sql: string) => void statements.push(sql);
});
afterAll(async () => {
  await database.close();
  await Promise.all([testing.drop(), nats.stop()]);
});

let link: NatsLink;
let shutdown: Shutdown;
let eraser: TestEraser;
let people: ErasedPeople;
let lines: { level: string; line: unknown }[];
/** A service alone: there is a NATS, and no stream of erasures. */
beforeEach(() => {
  lines = [];
  const keep = (level: string) => (line: unknown) => void lines.push({ level, line });
  Logger.overrideLogger({ log: keep('log'), debug: keep('debug'), warn: keep('warn'), error: keep('error') });
  link = new NatsLink({ url: nats.url, name: 'test', log: () => undefined });
  link.start();
  [shutdown, eraser, people] = [new Shutdown(new Logger('shutdown')), new TestEraser(), new ErasedPeople(keys)];
  new ErasureRegister(database, link, eraser, keys, people, shutdown).onApplicationBootstrap();
});
afterEach(async () => {
  await shutdown.run();
  await link.close();
  await database.dataSource.query('truncate erasures');
  Logger.overrideLogger(false);
});

const ask = (name: string) =>
  database.dataSource.query(
    `insert into erasures (id, person_hash, requested_at, heard_at) values ($1, $2, now(), now() - interval '1 minute')`,
    [randomUUID(), keys.hash(name)],
  );
const looks = () => statements.filter((sql) => /count\(\*\).*from erasures/s.test(sql)).length;
const loads = () => statements.filter((sql) => /"isKnownToAll" from erasures/.test(sql)).length;
const moreLooks = (count: number) => {
  const before = looks();
  return waitFor(() => looks() >= before + count, { what: `${count} looks` });
};

describe('S43 the register of a service that is alone', () => {
  it('S43 erases, and complains of each trouble once, however many there are and however often it looks', async () => {
    await ask('stuck-1');
    await ask('stuck-2');
    await ask('free');
    await waitFor(() => (eraser.tries['stuck-2'] ?? 0) >= 3 && (eraser.tries['stuck-1'] ?? 0) >= 3, {
      what: 'three tries',
    });
    expect(eraser.tries.free).toBe(1);
    expect(people.includes(new Date(0), 'stuck-1')).toBe(true);
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(2);
    expect(lines.filter(({ level }) => level === 'debug')).toHaveLength(1);
  });

  it('S43 asks one short question a second while nothing happens, and still hears of the next one', async () => {
    await ask('free');
    await waitFor(() => eraser.tries.free === 1, { what: 'the first to be erased' });
    await moreLooks(2);
    statements = [];
    await moreLooks(3);
    expect([loads(), statements.filter((sql) => !/count\(\*\).*from erasures/s.test(sql))]).toEqual([0, []]);
    expect(people.includes(new Date(0), 'free')).toBe(true);
    await ask('later');
    await waitFor(() => eraser.tries.later === 1, { what: 'the next to be erased' });
    expect(people.includes(new Date(0), 'later')).toBe(true);
  });
});
