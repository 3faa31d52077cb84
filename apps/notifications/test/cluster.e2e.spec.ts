import { setTimeout as pause } from 'node:timers/promises';
import { inboundSubjectOf } from '@bellhop/contracts/events';
import { consumerName } from '@bellhop/contracts/streams';
import { buildEvent } from '@bellhop/contracts/testing';
import { JetStreamPublisher, NatsLink } from '@bellhop/jetstream';
import { type NatsCluster, SmtpSink, startNatsCluster, untilReady, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';

const EVENTS = 5_000;
const BURST = 25;
const BURST_EVERY_MS = 200;
/** Electing a new leader takes 4 to 9 s; the rest is our own time. */
const LONGEST_GAP_MS = 20_000;
/** An event whose acknowledgement was lost with a leader is delivered again after its `ack_wait` of 30 s. */
const LOST_ACKS_MS = 60_000;

let sink: SmtpSink;
let cluster: NatsCluster;
let notifier: Notifier;
let crm: NatsLink;
let publisher: JetStreamPublisher;

beforeAll(async () => {
  [sink, cluster] = await Promise.all([SmtpSink.start(), startNatsCluster({ accounts: true })]);
  notifier = await Notifier.start({ emailUrl: sink.url, nats: cluster, env: { NATS_REPLICAS: '3' } });
  await Promise.all([notifier.addReplica(), notifier.addReplica()]);
  for (const { opsUrl } of notifier.replicas) await untilReady('notifications', opsUrl);
  crm = new NatsLink({ url: cluster.urlFor('crm'), name: 'crm', inboxPrefix: '_INBOX', log: () => undefined });
  crm.start();
  await crm.connected();
  publisher = new JetStreamPublisher({ link: crm });
});

afterAll(async () => {
  publisher?.close();
  await crm?.close();
  await notifier?.stop();
  await Promise.all([cluster?.stop(), sink?.close()]);
});

/** The first of each burst overtakes the queue, so that its time does not depend on the length of the queue. */
const isEmergency = (index: number) => index % BURST === 0;
const addressOf = (index: number) => `person${index}@example.com`;
/** For each stored event: when it was last published, and when its acknowledgement came. */
const stored = new Map<number, { sentAtMs: number; ackedAtMs: number }>();

/** Bursts from here on wait for the second kill, so that both kills happen while events are published. */
const HELD_FROM = (EVENTS / BURST) * 0.7;
let release: () => void = () => undefined;
const secondKill = new Promise<void>((resolve) => {
  release = resolve;
});

/** Publishes at a steady pace, and repeats what is not acknowledged under the same id. */
async function publishSteadily(): Promise<void> {
  const bursts = Array.from({ length: EVENTS / BURST }, async (_, burst) => {
    if (burst >= HELD_FROM) await secondKill;
    await pause((burst >= HELD_FROM ? burst - HELD_FROM : burst) * BURST_EVERY_MS);
    let left = Array.from({ length: BURST }, (_, offset) => messageOf(burst * BURST + offset));
    while (left.length > 0) {
      const sentAtMs = performance.now();
      const outcomes = await publisher.publish(left);
      left = left.filter(({ index }, place) => {
        const outcome = outcomes[place];
        if (outcome?.ok) stored.set(index, { sentAtMs, ackedAtMs: performance.now() });
        return !outcome?.ok;
      });
      if (left.length > 0) await pause(500);
    }
  });
  await Promise.all(bursts);
}

function messageOf(index: number) {
  const event = buildEvent('ticket.resolved.v1', {
    requester: { kind: 'user', id: `u-${index}`, email: addressOf(index) },
    ticket: {
      id: `T-${index}`,
      url: `https://crm.example.com/t/${index}`,
      priority: isEmergency(index) ? 'emergency' : 'normal',
    },
  });
  const subject = inboundSubjectOf('crm', event.type);
  return { index, subject, id: `crm:${event.id}`, data: Buffer.from(JSON.stringify(event)) };
}

/**
 * Kills a server, and measures how long it takes until an event that was published after that is acknowledged, and until the
 * mail about such an emergency is sent.
 */
async function killAndMeasure(
  server: string,
  onKilled: () => void = () => undefined,
): Promise<{ ackMs: number; mailMs: number }> {
  await cluster.kill(server);
  onKilled();
  const killedAtMs = performance.now();
  const later = () => [...stored].filter(([, { sentAtMs }]) => sentAtMs > killedAtMs);
  const limit = { timeoutMs: LONGEST_GAP_MS, what: `an event and a mail without ${server}` };
  await waitFor(() => later().length > 0, limit);
  const ackMs = Math.min(...later().map(([, { ackedAtMs }]) => ackedAtMs)) - killedAtMs;
  await waitFor(() => later().some(([index]) => isEmergency(index) && sink.to(addressOf(index)).length > 0), limit);
  return { ackMs: Math.round(ackMs), mailMs: Math.round(performance.now() - killedAtMs) };
}

describe('three nodes, the leader killed during 5,000 events', () => {
  it('nothing is lost, nobody is notified twice', async () => {
    const publishing = publishSteadily();
    await waitFor(() => stored.size > 1_000 && sink.mails.length > 500, { timeoutMs: 30_000 });
    const leader = await cluster.leaderOf('INBOUND');
    const withoutStream = await killAndMeasure(leader);
    await cluster.resume(leader);

    const reader = await cluster.leaderOf('INBOUND', consumerName('notifications'));
    const withoutConsumer = await killAndMeasure(reader, release);
    await cluster.resume(reader);
    await publishing;

    const notified = () => new Set(sink.mails.map(({ to }) => to[0])).size;
    await waitFor(() => notified() === EVENTS, { timeoutMs: LOST_ACKS_MS, what: 'everybody to have a mail' });
    await notifier.untilSettled();
    await notifier.untilConsumed('INBOUND', LOST_ACKS_MS);
    console.log('without the leader of the stream', withoutStream, 'of the consumer', withoutConsumer);
    expect(sink.mails).toHaveLength(EVENTS);
    const { rows } = await notifier.database.query('select state, count(*)::int from deliveries group by state');
    expect(rows).toEqual([{ state: 'accepted', count: EVENTS }]);
    // INBOUND deduplicates ids only briefly: an event that was published again may be there twice, and is mailed once.
    expect(await notifier.messagesIn('INBOUND')).toBeGreaterThanOrEqual(EVENTS);
    expect(await notifier.messagesIn('DEAD_LETTERS')).toBe(0);
    for (const { ackMs, mailMs } of [withoutStream, withoutConsumer])
      expect(Math.max(ackMs, mailMs)).toBeLessThan(LONGEST_GAP_MS);
  });
});
