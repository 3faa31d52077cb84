import { testDatabase, waitFor } from '@bellhop/local-stack';
import { dataSourceFor } from '@bellhop/postgres';
import { Module, type Type } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';
import { runService } from '../src/boot/run-service.js';
import type { ServiceDefinition } from '../src/boot/service-definition.js';
import type { ServiceConfig } from '../src/config/service-config.js';

/** A port of loopback where nobody listens: NATS stays away. */
const NOWHERE = 'nats://127.0.0.1:1';

export const PUBLIC_URL = 'https://support.example.com';

export interface TestServiceOptions extends Partial<ServiceDefinition> {
  controllers: Type[];
  providers?: Type[];
  imports?: Type[];
  config?: Partial<ServiceConfig>;
}

export interface TestService {
  url: string;
  opsUrl: string;
  databaseUrl: string;
  stop(): Promise<void>;
}

/** Brings a database to the state that these migrations describe, as provisioning does. */
export async function migrate(url: string, migrations: Type<MigrationInterface>[]): Promise<void> {
  const dataSource = await dataSourceFor({ service: 'migrate', url, migrations, poolSize: 1 }).initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  await dataSource.destroy();
}

/** The real service in this process, with a database of its own that is ready, and without NATS. */
export async function startTestService({
  controllers,
  providers = [],
  imports = [],
  config,
  ...definition
}: TestServiceOptions): Promise<TestService> {
  const database = await testDatabase();
  const migrations = definition.migrations ?? [];
  await migrate(database.url, migrations);
  @Module({ imports, controllers, providers })
  class TestModule {}
  const service = await runService(
    { name: 'tickets', entities: [], consumes: [], ...definition, migrations, modules: [TestModule] },
    {
      NATS_URL: NOWHERE,
      DATABASE_URL: database.url,
      DATABASE_POOL_SIZE: 10,
      PUBLIC_URL,
      PORT: 0,
      HOST: '127.0.0.1',
      OPS_PORT: 0,
      OPS_HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
      ...config,
    },
  );
  await waitFor(async () => !(await missing(service.opsUrl)).includes('postgres'), { what: 'the database' });
  return {
    url: service.url,
    opsUrl: service.opsUrl,
    databaseUrl: database.url,
    async stop() {
      await service.stop();
      await database.drop();
    },
  };
}

/** The names of what `/readyz` says is missing. */
export async function missing(opsUrl: string): Promise<string[]> {
  const answer = (await (await fetch(`${opsUrl}/readyz`)).json()) as { missing: { name: string }[] };
  return answer.missing.map(({ name }) => name);
}
