import { restoreStream, snapshotStream } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FailpointName } from '../src/faults/failpoints.js';
import type { SabotageName } from '../src/faults/sabotages.js';
import type { ManagedApp } from '../src/world/managed-app.js';
import { sleepThroughLease } from './sleeper.js';
import { Stage } from './stage.js';

const EVENTS = 5;
const STARTED_LATER = { isStartedLater: true };

/** Which promises the checker finds newly broken. */
async function broken(stage: Stage): Promise<string[]> {
  const violations = await stage.violations();
  for (const { name, ids, says } of violations) console.log(`${name}: ${says} [${ids.join()}]`);
  return [...new Set(violations.map(({ name }) => name))].sort();
}

describe('with a provider that has idempotency keys', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({ provider: 'resend', replicas: [STARTED_LATER], tickets: STARTED_LATER });
    // Webhooks are a safeguard of their own: with them a new key per attempt does no harm.
    await stage.world.provider.reportTo(null);
  });
  afterAll(() => stage?.close());

  it('a process of the product ignores failpoints', async () => {
    const [app] = stage.world.replicas as [ManagedApp];
    await app.start({ env: { FAILPOINT: 'intake.received:1:kill,intake.decided:1:kill' } });
    await stage.resolve(EVENTS);
    expect(await broken(stage)).toEqual([]);
    expect(await app.isReady()).toBe(true);
  });

  it.each<[SabotageName, FailpointName, string]>([
    ['inbox_off', 'intake.committed', 'notified_twice'],
    ['ack_before_commit', 'intake.decided', 'lost'],
    ['key_per_attempt', 'dispatch.sent', 'notified_twice'],
  ])('%s: a crash at %s leaves something %s, and nothing with the safeguard', async (sabotage, name, promise) => {
    await killedAt(name, []);
    expect(await broken(stage)).toEqual([]);
    await killedAt(name, [sabotage]);
    expect(await broken(stage)).toEqual([promise]);
  });

  it('no_message_id: what a crashed relay had published is stored a second time', async () => {
    await relayCrashed([]);
    expect(await broken(stage)).toEqual([]);
    await relayCrashed(['no_message_id']);
    expect(await broken(stage)).toEqual(['stream_duplicate']);
  });

  it('rollback_detector_off: what a stream has lost after acknowledging it stays lost', async () => {
    await lostItsEnd([]);
    expect(await broken(stage)).toEqual([]);
    await lostItsEnd(['rollback_detector_off']);
    expect(await broken(stage)).toEqual(['lost', 'stream_loss']);
  });

  async function relayCrashed(sabotages: SabotageName[]): Promise<void> {
    const { tickets, replicas } = stage.world;
    await stage.start(replicas[0] as ManagedApp, {});
    await tickets.kill();
    const filed = stage.file();
    await stage.crashAt(tickets, { name: 'relay.published', nth: 1 }, { sabotages });
    await stage.start(tickets, { sabotages });
    await filed;
  }

  /** NATS loses an event that it has acknowledged and that nobody has read yet. */
  async function lostItsEnd(sabotages: SabotageName[]): Promise<void> {
    const { tickets, nats, replicas } = stage.world;
    const [reader] = replicas as [ManagedApp];
    await stage.start(tickets, { sabotages });
    await stage.start(reader, {});
    await stage.file();
    await stage.world.untilQuiet(60_000);
    await reader.kill();
    const snapshot = snapshotStream(nats, 'TICKETS');
    await stage.file();
    await stage.untilPublished();
    await nats.kill();
    restoreStream(nats, snapshot, { keepConsumers: true });
    await nats.resume();
    await stage.start(reader, {});
    // Published after what is lost.
    await stage.file();
  }

  /** Events wait; the process that consumes them crashes at the failpoint and is started again. */
  async function killedAt(name: FailpointName, sabotages: SabotageName[]): Promise<void> {
    const [app] = stage.world.replicas as [ManagedApp];
    await app.kill();
    await stage.resolve(EVENTS);
    await stage.crashAt(app, { name, nth: 1 }, { sabotages });
    await stage.start(app, { sabotages });
  }
});

describe('with a provider that has none', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({ provider: 'smtp', replicas: [STARTED_LATER, STARTED_LATER], tickets: STARTED_LATER });
  });
  afterAll(() => stage?.close());

  it('fence_ignored: a process that was suspended past its lease releases what another is sending', async () => {
    await sleptThroughItsLease([]);
    expect(await broken(stage)).toEqual([]);
    await sleptThroughItsLease(['fence_ignored']);
    expect(await broken(stage)).toEqual(['notified_twice']);
  });

  async function sleptThroughItsLease(sabotages: SabotageName[]): Promise<void> {
    const [sleeper, other] = stage.world.replicas as [ManagedApp, ManagedApp];
    await Promise.all([sleeper.kill(), other.kill()]);
    await stage.resolve(1);
    const { provider } = other.links;
    // Each step of the SMTP dialogue takes so long that the mail is still being sent when the first resumes.
    await sleepThroughLease(stage, sabotages, { begin: () => provider.delay(1_500), end: () => provider.heal() });
  }
});
