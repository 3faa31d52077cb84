import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { commit, freshDatabase, freshStream, isAllPublished, relays } from '../../test/fixture.js';
import type { EventPublisher, RelayLogLine, RelayOutcome } from './ports.js';

describe('OutboxRelay, while it cannot publish', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let stream: Awaited<ReturnType<typeof freshStream>>;
  let dataSource: DataSource;
  let other: DataSource;
  const running = relays();

  beforeAll(async () => {
    [database, stream] = await Promise.all([freshDatabase(), freshStream()]);
    dataSource = await database.open();
    other = await database.open();
  });
  afterAll(() => Promise.all([database?.drop(), stream?.stop()]));
  beforeEach(async () => {
    await dataSource.query('truncate outbox, outbox_streams');
    await stream.purge();
  });
  afterEach(() => running.stopAll());

  it('retries what was refused, in order, and is held up by nothing else', async () => {
    let refusals = 3;
    const refusing: EventPublisher = {
      async publish(messages) {
        const outcomes = await stream.publisher.publish(messages.slice(1));
        const isRefused = messages.length > 0 && refusals-- > 0;
        const first = isRefused ? [refused()] : await stream.publisher.publish(messages.slice(0, 1));
        return [...first, ...outcomes];
      },
    };
    const lines: RelayLogLine[] = [];
    const events = Array.from({ length: 5 }, () => buildEvent('ticket.replied.v1'));
    await commit(dataSource, ...events);
    const relay = running.start({ dataSource, inspector: stream.inspector, publisher: refusing }, lines);
    await waitFor(() => relay.problem()?.includes('the stream is full'));
    await waitFor(() => isAllPublished(dataSource));
    await waitFor(() => relay.problem() === null);
    await waitFor(() => relay.published === 5);
    expect(lines).toMatchObject([
      { message: 'outbox relay cannot publish: will retry', error: { message: 'the stream is full' } },
      { message: 'outbox relay recovered' },
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['is full', { max_bytes: 1 }, /stream of tickets\.v1\.replied is full .*raise its limits/],
    ['is sealed', { sealed: true }, /refuses to store tickets\.v1\.replied: .*sealed/],
    ['takes no event of that size', { max_msg_size: 1 }, /takes no message of this size/],
    ['takes the subject no more', { subjects: ['elsewhere.>'] }, /no stream takes tickets\.v1\.replied/],
  ])('every replica says so when the stream %s, and no more once it takes events again', async (_, change, why) => {
    const [active, passive] = [dataSource, other].map((one) =>
      running.start({ dataSource: one, inspector: stream.inspector, publisher: stream.publisher, watchOtherMs: 20 }),
    );
    await waitFor(() => [active, passive].every((relay) => relay?.problem() === null));
    const { streams } = await stream.manager();
    const { config } = await streams.info('TICKETS');
    await streams.update('TICKETS', change);
    await commit(dataSource, buildEvent('ticket.replied.v1'));
    const problems = () => [active, passive].map((relay) => relay?.problem()).filter(Boolean);
    await waitFor(() => problems().length === 2, { what: 'both to tell' });
    expect(problems()).toContainEqual(expect.stringMatching(why));
    expect(problems()).toContainEqual(expect.stringMatching(/relay of another replica gets nothing published/));
    await streams.delete('TICKETS');
    await streams.add(config);
    await waitFor(() => problems().length === 0, { what: 'both to be well again' });
    await waitFor(() => isAllPublished(dataSource));
  });

  it('reports nothing after a single refusal, which may be transient', async () => {
    let refusals = 1;
    const said = new Set<string | null>();
    const refusing: EventPublisher = {
      async publish(messages) {
        if (messages.length > 0 && refusals-- > 0) return messages.map(() => refused());
        said.add(relay.problem());
        return stream.publisher.publish(messages);
      },
    };
    const relay = running.start({ dataSource, inspector: stream.inspector, publisher: refusing });
    await waitFor(() => relay.problem() === null);
    said.clear();
    await commit(dataSource, buildEvent('ticket.replied.v1'));
    await waitFor(() => isAllPublished(dataSource));
    expect([...said]).toEqual([null]);
  });

  it('a passive replica does not report a long queue that is being published', async () => {
    let published = 0;
    const slow: EventPublisher = {
      async publish(messages) {
        const outcomes = await stream.publisher.publish(messages);
        await new Promise((resolve) => setTimeout(resolve, 15));
        published += messages.length;
        return outcomes;
      },
    };
    const active = running.start({ dataSource, inspector: stream.inspector, publisher: slow, batchSize: 1 });
    // Alone, it has no problem as soon as it holds the lock: the other one cannot take it then.
    await waitFor(() => active.problem() === null);
    await waitFor(() => isAllPublished(dataSource));
    const passive = running.start({
      dataSource: other,
      inspector: stream.inspector,
      publisher: stream.publisher,
      watchOtherMs: 100,
    });
    await waitFor(() => passive.problem() === null);
    await commit(dataSource, ...Array.from({ length: 60 }, () => buildEvent('ticket.replied.v1')));
    const said = new Set<string | null>();
    await waitFor(() => {
      said.add(passive.problem());
      return published === 60;
    });
    expect([...said]).toEqual([null]);
  });
});

function refused(): RelayOutcome {
  return { ok: false, error: new Error('the stream is full') };
}
