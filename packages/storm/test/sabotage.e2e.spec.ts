import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FailpointName } from '../src/faults/failpoints.js';
import type { SabotageName } from '../src/faults/sabotages.js';
import type { ManagedApp } from '../src/world/managed-app.js';
import { Stage } from './stage.js';

const EVENTS = 5;
const ASLEEP = { isAsleep: true };

/** Which promises the checker finds broken that it did not find broken before. */
const broken = async (stage: Stage) => [...new Set((await stage.violations()).map(({ name }) => name))].sort();

describe('with a provider that knows keys', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({ provider: 'resend', replicas: [ASLEEP], tickets: ASLEEP });
  }, 120_000);
  afterAll(() => stage?.close());

  it.each<[SabotageName, FailpointName, string]>([
    ['inbox_off', 'intake.committed', 'told_twice'],
    ['ack_before_commit', 'intake.decided', 'lost'],
    ['key_per_attempt', 'dispatch.sent', 'told_twice'],
  ])(
    '%s: whoever dies at %s leaves something %s, and nothing with the safeguard',
    async (sabotage, name, promise) => {
      await killedAt(name, []);
      expect(await broken(stage)).toEqual([]);
      await killedAt(name, [sabotage]);
      expect(await broken(stage)).toEqual([promise]);
    },
    240_000,
  );

  /** Events wait; the process that takes them dies at the failpoint and is started again. */
  async function killedAt(name: FailpointName, sabotages: SabotageName[]): Promise<void> {
    const [app] = stage.world.replicas as [ManagedApp];
    await app.kill();
    await stage.resolve(EVENTS);
    await stage.dieAt(app, { name, nth: 1 }, { sabotages });
    await stage.start(app, { sabotages });
  }
});

describe('with a provider that knows none', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({ provider: 'smtp', replicas: [ASLEEP, ASLEEP], tickets: ASLEEP });
  }, 120_000);
  afterAll(() => stage?.close());

  it('fence_ignored: whoever has slept through its lease gives back what another is sending', async () => {
    await sleptThroughItsLease([]);
    expect(await broken(stage)).toEqual([]);
    await sleptThroughItsLease(['fence_ignored']);
    expect(await broken(stage)).toEqual(['told_twice']);
  }, 240_000);

  /** One claims and stops; another claims and begins to send; then the first goes on, fails, and gives back what it claimed. */
  async function sleptThroughItsLease(sabotages: SabotageName[]): Promise<void> {
    const [sleeper, other] = stage.world.replicas as [ManagedApp, ManagedApp];
    await Promise.all([sleeper.kill(), other.kill()]);
    await stage.resolve(1);
    await stage.start(sleeper, {
      sabotages,
      failpoints: [
        { name: 'dispatch.claimed', nth: 1, action: 'delay', delayMs: 1_000 },
        { name: 'dispatch.prepared', nth: 1, action: 'throw' },
      ],
    });
    await stage.untilReached(sleeper, { name: 'dispatch.claimed', nth: 1 });
    sleeper.freeze();
    // Each step of the conversation takes so long that the mail is under way when the sleeper wakes up.
    other.links.provider.delay(1_500);
    await stage.start(other, { sabotages });
    await waitFor(async () => (await deliveries(`state = 'sending' and fence > 1`)) === 1, {
      timeoutMs: 60_000,
      what: 'the other one to be sending',
    });
    sleeper.thaw();
    await stage.untilReached(sleeper, { name: 'dispatch.prepared', nth: 1 });
    await waitFor(async () => (await deliveries(`state not in ('leased', 'sending')`)) > 0, {
      timeoutMs: 60_000,
      what: 'something to become of it',
    });
    other.links.provider.heal();
  }

  async function deliveries(where: string): Promise<number> {
    const [row] = await stage.world.databases.rows<{ count: number }>(
      'notifications',
      `select count(*)::int as count from deliveries where id = (select max(id::text)::uuid from deliveries) and ${where}`,
    );
    return row?.count ?? 0;
  }
});
