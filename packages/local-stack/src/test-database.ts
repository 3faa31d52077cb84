import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LocalStackError } from './local-stack.errors.js';
import { type PostgresServer, startPostgres } from './servers/postgres.js';

/** Where specs ask for their databases; set by the jest preset for all its workers. */
const BROKER_VARIABLE = 'BELLHOP_TEST_DATABASES';

const LONGEST_SPEC_MS = 30 * 60_000;

export interface TestDatabase {
  readonly url: string;
  /** Ends whatever connections are left, too. */
  drop(): Promise<void>;
}

/**
 * A fresh, empty database on the one Postgres server of a whole test run. A spec that stops Postgres must not do that to
 * its neighbours: it starts its own with `startPostgres`.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const broker = process.env[BROKER_VARIABLE];
  if (!broker) {
    throw new LocalStackError(
      'no_test_databases',
      'testDatabase() works under jest with our preset only (`npm test`).',
    );
  }
  const url = await ask(broker, 'POST');
  return { url, drop: async () => void (await ask(broker + new URL(url).pathname, 'DELETE')) };
}

async function ask(address: string, method: string): Promise<string> {
  const answer = await fetch(address, { method });
  const text = await answer.text();
  if (!answer.ok) throw new LocalStackError('no_test_databases', text);
  return text;
}

/** Serves databases to the specs of a run; Postgres starts with the first question, so unit specs do not pay for it. */
export async function serveTestDatabases(): Promise<{ stop(): Promise<void> }> {
  let postgres: Promise<PostgresServer> | undefined;
  const server = createServer(async (request, response) => {
    try {
      postgres ??= startPostgres();
      const name = request.url?.slice(1);
      const isDrop = request.method === 'DELETE' && name;
      response.end(
        isDrop ? String(await (await postgres).dropDatabase(name)) : await (await postgres).createDatabase(),
      );
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  // A spec asks at its beginning and at its end. A connection that we closed in between would be reset under the second question.
  server.keepAliveTimeout = LONGEST_SPEC_MS;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env[BROKER_VARIABLE] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    async stop() {
      await close(server);
      await (await postgres)?.stop();
    },
  };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
