import { afterEach, describe, expect, it } from '@jest/globals';
import type { FailpointName } from '../src/faults/failpoints.js';
import type { SabotageName } from '../src/faults/sabotages.js';
import type { ManagedApp } from '../src/world/managed-app.js';
import { Stage } from './stage.js';

const EVENTS = 5;

let stage: Stage;
afterEach(() => stage?.close());

/** Which promises the checker finds broken. */
const broken = async (): Promise<string[]> => [...new Set((await stage.violations()).map(({ name }) => name))].sort();

describe('without its safeguard a promise is broken, and the checker sees which', () => {
  it('inbox_off: whoever is killed before acknowledging tells everybody twice', async () => {
    stage = await Stage.open({ provider: 'smtp', replicas: [{}] });
    await killedBeforeAcknowledging([]);
    expect(await broken()).toEqual([]);
    await killedBeforeAcknowledging(['inbox_off']);
    expect(await broken()).toEqual(['told_twice']);
  }, 120_000);

  it('ack_before_commit: whoever is killed before the commit has lost it', async () => {
    stage = await Stage.open({ provider: 'smtp', replicas: [{}] });
    await killedBeforeCommitting([]);
    expect(await broken()).toEqual([]);
    await killedBeforeCommitting(['ack_before_commit']);
    expect(await broken()).toEqual(['lost']);
  }, 120_000);
});

async function killedBeforeAcknowledging(sabotages: SabotageName[]): Promise<void> {
  await killedAt('intake.committed', sabotages);
}

async function killedBeforeCommitting(sabotages: SabotageName[]): Promise<void> {
  await killedAt('intake.decided', sabotages);
}

/** Events wait; the process that takes them dies at the failpoint and is started again. */
async function killedAt(name: FailpointName, sabotages: SabotageName[]): Promise<void> {
  const [app] = stage.world.replicas as [ManagedApp];
  await app.kill();
  await stage.resolve(EVENTS);
  await stage.dieAt(app, { name, nth: 1 }, { sabotages });
  await stage.start(app, { sabotages });
}
