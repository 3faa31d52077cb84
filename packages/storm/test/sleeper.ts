import { waitFor } from '@bellhop/local-stack';
import type { SabotageName } from '../src/faults/sabotages.js';
import type { ManagedApp } from '../src/world/managed-app.js';
import type { Stage } from './stage.js';

/** How the provider of a channel can take its time. */
interface Slowness {
  begin(): void;
  end(): void;
}

/**
 * One delivery, and nothing else, is due or becomes so. One process claims it and is suspended; another claims it and starts sending; then the
 * first resumes, fails, and releases what it claimed.
 */
export async function sleepThroughLease(stage: Stage, sabotages: SabotageName[], slowness: Slowness): Promise<void> {
  const [sleeper, other] = stage.world.replicas as [ManagedApp, ManagedApp];
  const idsOf = async (where: string) => {
    const rows = await stage.world.databases.rows<{ id: string }>(
      'notifications',
      `select id from deliveries where ${where}`,
    );
    return rows.map(({ id }) => id);
  };
  await stage.start(sleeper, {
    sabotages,
    failpoints: [
      { name: 'dispatch.claimed', nth: 1, action: 'delay', delayMs: 1_000 },
      { name: 'dispatch.prepared', nth: 1, action: 'throw' },
    ],
  });
  await stage.untilReached(sleeper, { name: 'dispatch.claimed', nth: 1 });
  sleeper.freeze();
  const [claimed = ''] = await idsOf(`state = 'leased'`);
  const is = async (state: string) => (await idsOf(state)).includes(claimed);
  slowness.begin();
  await stage.start(other, { sabotages });
  const what = { timeoutMs: 60_000, what: 'the other one to be sending' };
  await waitFor(() => is(`state = 'sending' and fence > 1`), what);
  sleeper.thaw();
  await stage.untilReached(sleeper, { name: 'dispatch.prepared', nth: 1 });
  await waitFor(() => is(`state not in ('leased', 'sending')`), { ...what, what: 'it to be released or settled' });
  slowness.end();
  await stage.world.untilQuiet(60_000);
  // With a shutdown, so that what is under way reaches the provider before it is counted.
  await Promise.all([sleeper.kill('SIGTERM'), other.kill('SIGTERM')]);
}
