import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Evidence } from '../src/checker/evidence.js';
import type { SabotageName } from '../src/faults/sabotages.js';
import type { ManagedApp } from '../src/world/managed-app.js';
import { Customer } from './customer.js';
import { sleepThroughLease } from './sleeper.js';
import { Stage } from './stage.js';

const STARTED_LATER = { isStartedLater: true };
/** Each push waits until the test has it sent. */
const ENV = { PUSH_QUIET_SECONDS: '3600' };
/** Below the five seconds that a push may take. */
const SLOW_MS = 2_500;

describe('over web push and in the feed', () => {
  let stage: Stage;
  let app: ManagedApp;
  beforeAll(async () => {
    stage = await Stage.open({ provider: 'resend', replicas: [STARTED_LATER, STARTED_LATER], env: ENV });
    [app] = stage.world.replicas as [ManagedApp];
  });
  afterAll(() => stage?.close());

  it('endpoint_rule_off: a stranger has us send a request where they want', async () => {
    await seesThatItIsMissing('endpoint_rule_off', ['lost', 'misdirected', 'misrecorded'], async () => {
      // Whoever has none has tried to register one of a stranger.
      await (await Customer.arrive(stage, { devices: 0 })).hear();
    });
  });

  it('device_never_ends: a device that was switched off gets a push', async () => {
    await seesThatItIsMissing('device_never_ends', ['misdirected'], async () => {
      const customer = await Customer.arrive(stage);
      await customer.switchOff();
      await customer.hear();
    });
  });

  it('push_to_everybody: a push reaches the device of another person', async () => {
    await seesThatItIsMissing('push_to_everybody', ['misdirected', 'notified_twice'], async () => {
      for (const customer of [await Customer.arrive(stage), await Customer.arrive(stage)]) await customer.hear();
    });
  });

  it('sight_ignored: somebody is told of what they have seen while the push waited', async () => {
    const seeing = async () => {
      const customer = await Customer.arrive(stage);
      await customer.hear();
      await customer.see();
    };
    // Nothing is frozen or cut off here.
    await seesThatItIsMissing('sight_ignored', ['told_of_seen'], seeing, { slackMs: 0 });
  });

  it('revision_stays: a page goes on showing an old number', async () => {
    await seesThatItIsMissing('revision_stays', ['stale_page'], async () => {
      await (await Customer.arrive(stage)).hear();
    });
  });

  it('fence_ignored: a process that was suspended past its lease releases the push that another is sending', async () => {
    const { service } = stage.world.push;
    const slowness = { begin: () => void service.when({ delayMs: SLOW_MS }), end: () => service.forgetRules() };
    await seesThatItIsMissing('fence_ignored', ['notified_twice'], async (sabotages) => {
      await (await Customer.arrive(stage)).hear();
      await app.kill();
      await sendPushes();
      await sleepThroughLease(stage, sabotages, slowness);
    });
  });

  // The last one: from here on the table takes an entry twice.
  it('entry_per_attempt: a crash at feed.committed leaves a second entry', async () => {
    await seesThatItIsMissing('entry_per_attempt', ['notified_twice'], async (sabotages) => {
      const drop = 'alter table feed_entries drop constraint feed_entries_delivery_id_key';
      if (sabotages.length > 0) await stage.world.databases.rows('notifications', drop);
      const arriving = Customer.arrive(stage, { devices: 0 });
      await stage.crashAt(app, { name: 'feed.committed', nth: 1 }, { sabotages });
      await stage.start(app, { sabotages });
      await arriving;
    });
  });

  /** With the safeguard every promise holds, and without it these are broken. */
  async function seesThatItIsMissing(
    sabotage: SabotageName,
    promises: readonly string[],
    act: (sabotages: SabotageName[]) => Promise<void>,
    over: Partial<Evidence> = {},
  ): Promise<void> {
    for (const sabotages of [[], [sabotage]]) {
      await stage.start(app, { sabotages });
      await act(sabotages);
      await sendPushes();
      const violations = await stage.violations(over);
      for (const { name, ids, says } of violations) console.log(`${name}: ${says} [${ids.join()}]`);
      const found = [...new Set(violations.map(({ name }) => name))].sort();
      expect(found).toEqual(sabotages.length > 0 ? promises : []);
    }
  }

  function sendPushes(): Promise<unknown> {
    return stage.world.databases.rows(
      'notifications',
      `update deliveries set due_at = now() where channel = 'push' and state = 'pending'`,
    );
  }
});
