import { buildEvent } from '@bellhop/contracts/testing';
import { type PostgresServer, startPostgres, waitFor } from '@bellhop/local-stack';
import { isTransientError } from '@bellhop/postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { commit, freshStream, isAllPublished, ledger, openDataSource, relays } from '../test/fixture.js';
import { claimEvents } from './inbox/claim-events.js';
import type { RelayLogLine } from './relay/ports.js';

describe('outages', () => {
  let postgres: PostgresServer;
  let stream: Awaited<ReturnType<typeof freshStream>>;
  let dataSource: DataSource;
  const running = relays();

  beforeAll(async () => {
    [postgres, stream] = await Promise.all([startPostgres(), freshStream()]);
    dataSource = await openDataSource(await postgres.createDatabase());
  });
  afterAll(async () => {
    await dataSource?.destroy();
    await Promise.all([postgres?.stop(), stream?.stop()]);
  });
  afterEach(() => running.stopAll());

  it('continues after an outage of Postgres, and reports it meanwhile', async () => {
    const relay = running.start({ dataSource, inspector: stream.inspector, publisher: stream.publisher });
    await commit(dataSource, buildEvent('ticket.created.v1'));
    await waitFor(() => relay.published === 1);
    await postgres.pause();
    await waitFor(() => relay.problem()?.includes('cannot publish'));
    await postgres.resume();
    await waitFor(() => commit(dataSource, buildEvent('ticket.replied.v1')).then(() => true));
    await waitFor(() => isAllPublished(dataSource));
    await waitFor(() => relay.problem() === null);
  });

  it('keeps events committed during an outage of NATS, and publishes them in order afterwards', async () => {
    await stream.purge();
    const lines: RelayLogLine[] = [];
    const relay = running.start({ dataSource, inspector: stream.inspector, publisher: stream.publisher }, lines);
    await waitFor(() => relay.problem() === null);
    await stream.server.pause();
    const events = Array.from({ length: 40 }, () => buildEvent('ticket.replied.v1'));
    for (const event of events) await commit(dataSource, event);
    await waitFor(() => relay.problem()?.includes('cannot publish'));
    await stream.server.resume();
    await waitFor(() => isAllPublished(dataSource), { timeoutMs: 20_000 });
    expect((await stream.stored()).map((message) => message.id)).toEqual(events.map((event) => event.id));
    expect(lines).toEqual([
      { message: 'outbox relay cannot publish: will retry', error: expect.any(Error) },
      { message: 'outbox relay recovered', failures: expect.any(Number) },
    ]);
  });

  it('stops in time during an outage of both', async () => {
    const relay = running.start({ dataSource, inspector: stream.inspector, publisher: stream.publisher });
    await waitFor(() => relay.problem() === null);
    await Promise.all([postgres.pause(), stream.server.pause()]);
    await waitFor(() => relay.problem()?.includes('cannot publish'));
    const before = Date.now();
    await relay.stop();
    expect(Date.now() - before).toBeLessThan(6_000);
    await Promise.all([postgres.resume(), stream.server.resume()]);
    await waitFor(() => ledger(dataSource));
  });

  it('what a server that goes away does to a transaction is a transient error, at every step', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await claimEvents(runner.manager, 'notifications', [{ system: 'crm', eventId: '1' }]);
    await postgres.kill();
    const later = () => claimEvents(runner.manager, 'notifications', [{ system: 'crm', eventId: '2' }]);
    const errors = [
      await later().catch((error) => error),
      await later().catch((error) => error),
      await runner.commitTransaction().catch((error) => error),
      await dataSource.query('select 1').catch((error) => error),
    ];
    await runner.release();
    await postgres.resume();
    await waitFor(() => dataSource.query('select 1'));
    expect(errors.map((error) => [error.name, error.message, isTransientError(error)])).toEqual(
      errors.map((error) => [error.name, error.message, true]),
    );
  });

  it('starts before Postgres was ever there', async () => {
    await dataSource.destroy();
    const relay = running.start({ dataSource, inspector: stream.inspector, publisher: stream.publisher });
    await waitFor(() => relay.problem() === 'the outbox relay waits for Postgres');
    await dataSource.initialize();
    await commit(dataSource, buildEvent('ticket.created.v1'));
    await waitFor(() => isAllPublished(dataSource));
  });
});
