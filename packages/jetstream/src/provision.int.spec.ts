import { type StreamDefinition, streams } from '@bellhop/contracts/streams';
import { startNats } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Bench, small } from '../test/fixture.js';
import { type JetStreamPlan, ProvisioningError, provisionJetStream } from './index.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

const CONSUMERS = [{ stream: 'TICKETS', service: 'notifications' }] as const;
const HOUR_MS = 3_600_000;
const tickets = small('TICKETS');
const consumersOnly = (plan: Partial<JetStreamPlan>) => bench.provision({ streams: [], ...plan });

async function refusal(doing: Promise<unknown>): Promise<ProvisioningError> {
  const error = await doing.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProvisioningError) return error;
  throw new Error(`no ProvisioningError but ${String(error)}`);
}

describe('provisionJetStream: what is not there', () => {
  it('is made as the contract says', async () => {
    expect(await bench.provision({ streams: [tickets, small('NOTIFICATIONS')] })).toEqual([
      '+ stream TICKETS: tickets.v1.> (max_age 604800 s, max_bytes 67108864 bytes, duplicate_window 300 s, num_replicas 1, discard new)',
      '+ stream NOTIFICATIONS: notifications.v1.> (max_age 259200 s, max_bytes 67108864 bytes, duplicate_window 300 s, num_replicas 1, discard old)',
      '+ consumer notifications on stream TICKETS',
    ]);
    expect((await bench.manager.streams.info('TICKETS')).config).toMatchObject({
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      max_age: 7 * 24 * HOUR_MS * 1_000_000,
      duplicate_window: 300 * 1_000_000_000,
    });
    expect((await bench.manager.streams.info('NOTIFICATIONS')).config.discard).toBe(DiscardPolicy.Old);
    expect((await bench.consumerInfo()).config).toMatchObject({
      durable_name: 'notifications',
      ack_policy: 'explicit',
      deliver_policy: 'all',
      ack_wait: 30_000_000_000,
      max_deliver: -1,
      max_ack_pending: 5_000,
    });
    expect((await bench.consumerInfo()).config.backoff).toBeUndefined();
  });

  it('is made in full size on a server with room for it', async () => {
    await bench.provision({ streams: Object.values(streams) });
    expect((await bench.manager.streams.info('TICKETS')).config.max_bytes).toBe(10 * 1024 ** 3);
  });

  it('is only reported, not created, without `apply`', async () => {
    expect(await bench.provision({ apply: false, streams: [tickets] })).toEqual([
      expect.stringMatching(/^\+ stream TICKETS/),
      '+ consumer notifications on stream TICKETS',
    ]);
    expect((await bench.manager.getAccountInfo()).streams).toBe(0);
  });

  it('stores under another subject than it is published under, where the plan says so; with it a consumer sees one form', async () => {
    const plan = {
      streams: [streams.INBOUND_2],
      consumers: [{ stream: 'INBOUND_2', service: 'notifications' }],
    } as const;
    await bench.provision({
      ...plan,
      streams: [{ ...streams.INBOUND_2, storedAs: 'elsewhere.{{wildcard(1)}}.{{wildcard(2)}}' }],
    });
    expect(await bench.provision(plan)).toEqual([
      '~ stream INBOUND_2: stored as elsewhere.{{wildcard(1)}}.{{wildcard(2)}} → inbound.{{wildcard(1)}}.tickets.v1.{{wildcard(2)}}',
    ]);
    expect(await bench.provision(plan)).toEqual([]);
    await bench.store('inbound_2.erp.tickets.v1.replied', { n: 1 });
    const stored = await bench.manager.streams.getMessage('INBOUND_2', { seq: 1 });
    expect(stored?.subject).toBe('inbound.erp.tickets.v1.replied');
  });

  it('sees only one subject, in the field that nats-server 2.9 knows', async () => {
    const closed = { stream: 'TICKETS', service: 'guest-auth', filterSubjects: ['tickets.v1.closed'] } as const;
    expect(await bench.provision({ consumers: [closed] })).toContain(
      '+ consumer guest-auth on stream TICKETS (tickets.v1.closed)',
    );
    expect((await bench.consumerInfo('TICKETS', 'guest-auth')).config.filter_subject).toBe('tickets.v1.closed');
  });

  it('sees several subjects, or says that the server is too old for that', async () => {
    const filterSubjects = ['tickets.v1.closed', 'tickets.v1.reopened'];
    const plan = { consumers: [{ stream: 'TICKETS', service: 'guest-auth', filterSubjects }] } as const;
    if (bench.admin.info?.version.startsWith('2.9.')) {
      expect((await refusal(bench.provision(plan))).message).toContain('this nats-server is too old for it');
      return;
    }
    await bench.provision(plan);
    expect((await bench.consumerInfo('TICKETS', 'guest-auth')).config.filter_subjects).toEqual(filterSubjects);
    expect(await bench.provision(plan)).toEqual([]);
  });
});

describe('provisionJetStream: what is there', () => {
  it('is left alone when it is as planned', async () => {
    await bench.provision();
    expect(await bench.provision()).toEqual([]);
    expect(await bench.provision({ apply: false })).toEqual([]);
  });

  it('grows, keeping what is stored', async () => {
    await bench.provision();
    await bench.store('tickets.v1.replied', { n: 1 });
    const larger: StreamDefinition = {
      ...tickets,
      maxBytes: 2 * tickets.maxBytes,
      subjects: ['tickets.v1.>', 'tickets.v2.>'],
    };
    const plan = { streams: [larger], maxAckPending: 6_000 };
    const expected = [
      '~ stream TICKETS: subjects tickets.v1.> → tickets.v1.>, tickets.v2.>',
      '~ stream TICKETS: max_bytes 67108864 bytes → 134217728 bytes',
      '~ consumer notifications on stream TICKETS: max_ack_pending 5000 → 6000',
    ];
    expect(await bench.provision({ ...plan, apply: false })).toEqual(expected);
    expect((await bench.consumerInfo()).config.max_ack_pending).toBe(5_000);
    expect(await bench.provision(plan)).toEqual(expected);
    expect(await bench.provision(plan)).toEqual([]);
    const { config, state } = await bench.manager.streams.info('TICKETS');
    expect(state.messages).toBe(1);
    expect(config.subjects).toEqual(['tickets.v1.>', 'tickets.v2.>']);
  });

  it('is freed of limits that would lose events and are not planned', async () => {
    await bench.manager.streams.add({
      name: 'TICKETS',
      subjects: ['tickets.v1.>'],
      discard: DiscardPolicy.New,
      max_age: 3_600 * 1e9,
      max_bytes: 1_024,
      duplicate_window: 60 * 1e9,
      max_msgs: 5,
      max_msgs_per_subject: 1,
      max_msg_size: 10,
    });
    expect(await bench.provision({ streams: [tickets], consumers: [] })).toEqual([
      '~ stream TICKETS: max_age 3600 s → 604800 s',
      '~ stream TICKETS: max_bytes 1024 bytes → 67108864 bytes',
      '~ stream TICKETS: duplicate_window 60 s → 300 s',
      '~ stream TICKETS: max_msgs 5 → unlimited',
      '~ stream TICKETS: max_msgs_per_subject 1 → unlimited',
      '~ stream TICKETS: max_msg_size 10 bytes → unlimited',
    ]);
    expect(await bench.provision({ streams: [tickets], consumers: [] })).toEqual([]);
  });

  it('may be replaced by a wider subject', async () => {
    await bench.provision({ streams: [{ ...tickets, subjects: ['tickets.v1.replied'] }] });
    const lines = await bench.provision({ streams: [tickets] });
    expect(lines).toEqual(['~ stream TICKETS: subjects tickets.v1.replied → tickets.v1.>']);
  });

  it('has its consumer repaired where that loses nothing', async () => {
    await bench.provision();
    await bench.manager.consumers.update('TICKETS', 'notifications', { ack_wait: 5_000_000_000, max_deliver: 3 });
    expect(await bench.provision()).toEqual([
      '~ consumer notifications on stream TICKETS: ack_wait 5000000000 → 30000000000',
      '~ consumer notifications on stream TICKETS: max_deliver 3 → -1',
    ]);
    expect((await bench.consumerInfo()).config).toMatchObject({ ack_wait: 30_000_000_000, max_deliver: -1 });
  });

  it('keeps a larger max_ack_pending than planned', async () => {
    await bench.provision({ maxAckPending: 9_000 });
    expect(await bench.provision()).toEqual([]);
  });

  it('has a server back-off removed, which would shorten ack_wait', async () => {
    await bench.provision({ consumers: [] });
    const backoff = [1_000_000_000, 2_000_000_000];
    await bench.manager.consumers.add('TICKETS', {
      durable_name: 'notifications',
      ack_policy: 'explicit',
      max_deliver: 5,
      backoff,
    });
    await consumersOnly({ consumers: CONSUMERS });
    const { config } = await bench.consumerInfo();
    expect(config.backoff ?? []).toEqual([]);
    expect(config.ack_wait).toBe(30_000_000_000);
    expect(await consumersOnly({ consumers: CONSUMERS })).toEqual([]);
  });
});

describe('provisionJetStream refuses', () => {
  it.each([
    ['less room', { maxBytes: 1_024 }, 'max_bytes is 67108864 bytes, planned 1024 bytes'],
    ['less time', { maxAgeMs: HOUR_MS }, 'max_age is 604800 s, planned 3600 s'],
    ['fewer subjects', { subjects: ['tickets.v2.>'] }, 'the plan no longer takes tickets.v1.>'],
    ['dropping the oldest', { discard: 'old' }, 'it refuses new events when full, the plan drops the oldest'],
    ['a shorter memory of ids', { dedupeMs: 1_000 }, 'duplicate_window is 300 s, planned 1 s'],
  ] as const)('%s, and says what differs', async (_, change, said) => {
    await bench.provision();
    const before = (await bench.manager.streams.info('TICKETS')).config;
    const error = await refusal(bench.provision({ streams: [{ ...tickets, ...change }] }));
    expect(error).toMatchObject({ code: 'would_destroy', what: 'stream TICKETS' });
    expect(error.message).toContain(`it differs in a way that could lose events: ${said}`);
    expect(error.message).toContain('nats stream edit TICKETS');
    expect((await bench.manager.streams.info('TICKETS')).config).toEqual(before);
  });

  it('another storage, another retention, and a limit where there was none', async () => {
    await bench.manager.streams.add({
      name: 'TICKETS',
      subjects: ['tickets.v1.>'],
      storage: StorageType.Memory,
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
    });
    const error = await refusal(bench.provision({ consumers: [] }));
    expect(error.message).toContain('retention is workqueue, planned limits; storage is memory, planned file');
    expect(error.message).toContain('max_bytes is unlimited, planned 67108864 bytes');
  });

  it('a consumer that would see less, or is of another kind', async () => {
    await bench.provision();
    const narrower = [{ ...CONSUMERS[0], filterSubjects: ['tickets.v1.closed'] }];
    const error = await refusal(bench.provision({ consumers: narrower }));
    expect(error).toMatchObject({ code: 'would_destroy', what: 'consumer notifications on stream TICKETS' });
    expect(error.message).toContain('the plan no longer sees >');
    await bench.manager.consumers.delete('TICKETS', 'notifications');
    await bench.manager.consumers.add('TICKETS', {
      durable_name: 'notifications',
      deliver_subject: 'x',
      deliver_policy: 'new',
    });
    expect((await refusal(bench.provision())).message).toContain(
      'it is a push consumer; its acks are none, planned explicit; it begins at new, planned at the first event',
    );
  });
});

describe('provisionJetStream: what the server refuses', () => {
  it('has what, the code, the cause, and a way out', async () => {
    await bench.manager.streams.add({ name: 'SQUATTER', subjects: ['tickets.>'] });
    const error = await refusal(bench.provision());
    expect(error).toMatchObject({ code: 'refused', what: 'stream TICKETS', serverCode: 10_065 });
    expect(error.message).toContain('another stream takes these subjects already');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('is explained when there are more copies planned than there are servers', async () => {
    const error = await refusal(bench.provision({ replicas: 3 }));
    expect(error).toMatchObject({ code: 'refused', what: 'stream TICKETS', serverCode: 10_074 });
    expect(error.message).toContain('Plan fewer replicas');
  });

  it('is explained when there is not room enough', async () => {
    const error = await refusal(bench.provision({ streams: [{ ...tickets, maxBytes: 10 ** 15 }] }));
    expect(error).toMatchObject({ code: 'no_room' });
    expect(error.message).toContain('plan smaller streams');
  });

  it('is explained when the consumer’s stream is not there', async () => {
    const error = await refusal(consumersOnly({ consumers: CONSUMERS }));
    expect(error).toMatchObject({ what: 'consumer notifications on stream TICKETS', serverCode: 10_059 });
  });

  it('is explained when the user may not', async () => {
    const server = await startNats({ accounts: true });
    const connection = await connect({ ...credentials(server.urlFor('tickets')), inboxPrefix: '_INBOX_tickets' });
    const error = await refusal(
      provisionJetStream(connection, { streams: [tickets], consumers: [], replicas: 1, apply: true }),
    );
    expect(error).toMatchObject({ code: 'not_permitted', what: 'stream TICKETS' });
    expect(error.message).toContain("use the provisioner's NATS_URL");
    await connection.close();
    await server.stop();
  });
});

function credentials(url: string) {
  const { host, username, password } = new URL(url);
  return { servers: host, user: username, pass: password };
}
