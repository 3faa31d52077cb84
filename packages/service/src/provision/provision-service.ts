import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceName, type StreamDefinition, type StreamName, streams } from '@bellhop/contracts/streams';
import { StartUpError } from '@bellhop/http';
import { NatsLink, ProvisioningError, provisionJetStream } from '@bellhop/jetstream';
import { dataSourceFor } from '@bellhop/postgres';
import type { Type } from '@nestjs/common';
import type { DataSource, MigrationInterface } from 'typeorm';
import { databaseProblem } from '../database/database-problem.js';
import { pendingMigrations } from '../database/pending-migrations.js';

const DEFAULT_WAIT_MS = 30_000;
const RETRY_MS = 500;

interface Consumer {
  stream: StreamName;
  service: ServiceName;
  filterSubjects?: string[];
}

/** What a service owns: its tables, its streams with the consumers of all readers, and its own consumers on streams of others. */
export interface ProvisionPlan {
  name: ServiceName;
  natsUrl: string;
  databaseUrl: string;
  migrations: Type<MigrationInterface>[];
  streams: readonly StreamDefinition[];
  consumers: readonly Consumer[];
  /** Copies of each stream. Default 1; production wants 3. */
  replicas?: number;
  /** False only shows what would be done. Default true. */
  apply?: boolean;
  /** How long to wait for Postgres and NATS to answer. Default 30,000 ms. */
  waitMs?: number;
  print?: (line: string) => void;
}

/**
 * Brings database and streams of one service to what its code expects, and prints each difference. Safe to repeat, and to run in two
 * processes at once. Destroys nothing.
 *
 * @throws StartUpError when a server does not answer in time or a step is refused, with what to do
 */
export async function provisionService(plan: ProvisionPlan): Promise<void> {
  const print = plan.print ?? ((line: string) => process.stdout.write(`${line}\n`));
  const lines = [...(await migrate(plan)), ...(await provisionStreams(plan))];
  for (const line of lines) print(`${plan.name}: ${line}`);
  if (lines.length === 0) print(`${plan.name}: nothing to do, all is as it should be`);
}

async function migrate(plan: ProvisionPlan): Promise<string[]> {
  const { name, databaseUrl, migrations, apply = true, waitMs = DEFAULT_WAIT_MS } = plan;
  const dataSource = dataSourceFor({
    service: `${name} provision`,
    url: databaseUrl,
    migrations,
    poolSize: 2,
    hasNoTimeout: true,
  });
  await waitForDatabase(dataSource, databaseUrl, waitMs);
  const pending = () => pendingMigrations((sql) => dataSource.query(sql), migrations);
  const lock = dataSource.createQueryRunner();
  try {
    // Held by this connection until it is closed; a second run waits here and then finds nothing to do.
    await lock.query(`select pg_advisory_lock(hashtext('bellhop'), hashtext('provision'))`);
    const planned = await pending();
    if (apply) await dataSource.runMigrations({ transaction: 'each' });
    return planned.map((migration) => `+ migration ${migration}`);
  } catch (cause) {
    const [broken] = await pending().catch(() => []);
    const what = broken
      ? `the migration ${broken} of ${name} failed and was rolled back, those before it stay`
      : `the migrations of ${name} could not be applied`;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartUpError('migration_failed', `Cannot provision: ${what}. Postgres says: ${why}`, { cause });
  } finally {
    await lock.release();
    await dataSource.destroy();
  }
}

async function waitForDatabase(dataSource: DataSource, url: string, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      await dataSource.initialize();
      return;
    } catch (cause) {
      await dataSource.driver.disconnect().catch(() => undefined);
      if (performance.now() > deadline) {
        throw new StartUpError('database_away', `Cannot provision: ${databaseProblem(cause, url)}`, { cause });
      }
      await sleep(RETRY_MS);
    }
  }
}

async function provisionStreams(plan: ProvisionPlan): Promise<string[]> {
  const { name, natsUrl, streams: own, consumers, replicas = 1, apply = true, waitMs = DEFAULT_WAIT_MS } = plan;
  const link = new NatsLink({
    url: natsUrl,
    name: `${name}-provision`,
    // The inbox of the user `provisioner` in deploy/nats.
    inboxPrefix: '_INBOX_provisioner',
    log: () => undefined,
  });
  link.start();
  try {
    const connection = await Promise.race([link.connected(), sleep(waitMs, null, { ref: false })]);
    if (!connection) throw new StartUpError('nats_away', `Cannot provision: ${link.problem()}`);
    const lines = await provisionJetStream(connection, { streams: [...own], consumers: [], replicas, apply });
    for (const consumer of consumers) {
      const one = provisionJetStream(connection, { streams: [], consumers: [consumer], replicas, apply });
      lines.push(...(await one.catch((error: unknown) => leftToItsOwner(error, plan, consumer))));
    }
    return lines;
  } finally {
    await link.close();
  }
}

/** The stream of a service that is not provisioned yet: its owner creates it together with our consumer. @throws any other error */
function leftToItsOwner(error: unknown, { streams: own }: ProvisionPlan, { stream, service }: Consumer): string[] {
  const isForeign = own.every(({ name }) => name !== stream);
  if (!isForeign || !(error instanceof ProvisioningError) || error.code !== 'stream_missing') throw error;
  return [
    `. stream ${stream} is not there: ${streams[stream].owner} makes it with consumer ${service}, once it is provisioned`,
  ];
}
