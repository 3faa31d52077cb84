import { restoreStream, snapshotStream } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FailpointName, failpoints } from '../src/faults/failpoints.js';
import type { Order } from '../src/faults/parse-faults.js';
import { History } from '../src/history/history.js';
import type { ManagedApp } from '../src/world/managed-app.js';
import { startWriters, type Writing } from '../src/writers/writers.js';
import { Stage } from './stage.js';

type Crash = Pick<Order, 'name' | 'nth'>;

const RATES = { desk: 8, crm: 8, guests: 2 };
const SEED = 7;
/** Each way. Long enough that a crash interrupts requests, and leases are renewed. */
const PROVIDER_DISTANCE_MS = 100;
/** A process repairs a stream once; an interrupted repair starts again. */
const REPAIR: readonly FailpointName[] = [
  'rollback.detected',
  'rollback.consumer_deleted',
  'rollback.rebuilt',
  'rollback.reopened',
];
/** A process releases expired leases of others once; a second time depends on the others. */
const ONCE: readonly FailpointName[] = ['leases.expired'];

/** Errors, and pauses longer than a lease, for the processes that do not crash any more. */
const FAULTS: Record<'tickets' | 'one' | 'other', readonly Order[]> = {
  tickets: [
    ...thrown(['outbox.appended', 'tickets.committed', 'relay.read', 'relay.published', 'relay.marked']),
    { name: 'relay.published', nth: 4, action: 'delay', delayMs: 3_000 },
  ],
  one: [
    ...thrown(['intake.received', 'intake.claimed', 'intake.decided', 'intake.committed']),
    ...thrown(['webhook.verified', 'webhook.recorded', 'webhook.committed']),
    { name: 'intake.decided', nth: 4, action: 'delay', delayMs: 3_000 },
  ],
  other: [
    ...thrown(['dispatch.claimed', 'dispatch.prepared', 'dispatch.frozen', 'dispatch.begun', 'dispatch.sent']),
    ...thrown(['leases.renewed', 'push.devices_read', 'push.answered', 'push.sent', 'push.recorded']),
    { name: 'dispatch.claimed', nth: 3, action: 'delay', delayMs: 3_000 },
    { name: 'dispatch.sent', nth: 4, action: 'delay', delayMs: 3_000 },
    { name: 'record.committed', nth: 2, action: 'delay', delayMs: 3_000 },
  ],
};

function thrown(names: readonly FailpointName[]): Order[] {
  return names.map((name) => ({ name, nth: 2, action: 'throw' }));
}

const ofApp = (app: 'tickets' | 'notifications'): FailpointName[] =>
  (Object.keys(failpoints) as FailpointName[])
    .filter((name) => failpoints[name].apps[0] === app || (app === 'tickets' && failpoints[name].apps.length > 1))
    .filter((name) => !REPAIR.includes(name));
/** The first time at every point, and by turns the second or third time; with CRASH_POINTS=all each of them. */
const crashes = (names: readonly FailpointName[]): Crash[] =>
  names.flatMap((name, index) => {
    const times = process.env.CRASH_POINTS === 'all' ? [1, 2, 3] : [1, 2 + (index % 2)];
    return (ONCE.includes(name) ? [1] : times).map((nth) => ({ name, nth }));
  });

/** What each crash interrupted, for the table at the end. */
const interrupted: string[] = [];
/** Set when one sequence has failed: the others stop. */
let isOver = false;

describe('a process that is killed at every step of its work, again and again, while work arrives', () => {
  let stage: Stage;
  let writing: Writing;
  const redriving: Promise<void>[] = [];
  beforeAll(async () => {
    const asleep = { isStartedLater: true };
    stage = await Stage.open({ provider: 'resend', replicas: [asleep, asleep], tickets: asleep, hasGuests: true });
    for (const { links } of stage.world.replicas) links.provider.delay(PROVIDER_DISTANCE_MS);
    writing = startWriters(stage.world, new History(), SEED, RATES);
  });
  afterAll(() => close(stage));

  it('loses nothing, tells nobody twice, and leaves nothing behind', async () => {
    const { tickets, replicas } = stage.world;
    const [one, other] = replicas as [ManagedApp, ManagedApp];
    const all = crashes(ofApp('notifications'));
    // Webhooks and the operator's requests reach the first replica.
    const isForOne = ({ name }: Crash) => /^(webhook|intake|settle|deadletter|redrive)\./.test(name);
    const others = all.filter((crash) => !isForOne(crash));
    await Promise.all([
      crashInTurn(stage, tickets, crashes(ofApp('tickets')))
        .then(() => loseTheEndOfAStream())
        // Its events are needed for as long as the others crash.
        .then(() => stage.start(tickets, {})),
      crashInTurn(stage, one, all.filter(isForOne), (crash) => {
        if (crash.name === 'redrive.accepted') redriving.push(redrive(one, crash.nth));
      }),
      crashInTurn(stage, other, others),
    ]);
    await Promise.all([goOn(tickets, FAULTS.tickets), goOn(one, FAULTS.one), goOn(other, FAULTS.other)]);
    await Promise.all(redriving);
    await writing.finish();
    await stage.world.heal();
    expect(await stage.violations()).toEqual([]);
  }, 900_000);

  /** The last of them is answered by the process that is started after the crash. */
  async function redrive(app: ManagedApp, times: number): Promise<void> {
    for (let n = 0; n < times; n++) await stage.redrive(app);
  }

  /** The last start: with errors and pauses, but no crash. */
  async function goOn(app: ManagedApp, faults: readonly Order[]): Promise<void> {
    await stage.start(app, { failpoints: faults });
    for (const fault of faults) {
      await stage.untilReached(app, fault);
      interrupted.push(`${fault.name.padEnd(24)} ${fault.nth}  ${fault.action}`);
    }
  }

  async function loseTheEndOfAStream(): Promise<void> {
    const { nats, tickets } = stage.world;
    await stage.start(tickets, {});
    const snapshot = snapshotStream(nats, 'TICKETS');
    await stage.file();
    await stage.untilPublished();
    await tickets.kill();
    await nats.kill();
    restoreStream(nats, snapshot, { keepConsumers: true });
    await nats.resume();
    await stage.standAhead();
    await crashInTurn(
      stage,
      tickets,
      REPAIR.map((name) => ({ name, nth: 1 })),
    );
  }
});

describe('over SMTP, where no key makes a repetition safe, a process that is killed at every step of sending', () => {
  let stage: Stage;
  let writing: Writing;
  beforeAll(async () => {
    stage = await Stage.open({ provider: 'smtp', replicas: [{ isStartedLater: true }] });
    for (const { links } of stage.world.replicas) links.provider.delay(PROVIDER_DISTANCE_MS);
    writing = startWriters(stage.world, new History(), SEED, RATES);
  });
  afterAll(() => close(stage));

  it('loses nothing, and tells nobody more often than there were attempts without an answer', async () => {
    const [app] = stage.world.replicas as [ManagedApp];
    const sending = ofApp('notifications').filter((name) => /^(dispatch|record|leases)\./.test(name));
    await crashInTurn(
      stage,
      app,
      sending.map((name) => ({ name, nth: 1 })),
    );
    await stage.start(app, {});
    await writing.finish();
    await stage.world.heal();
    expect(await stage.violations()).toEqual([]);
  }, 600_000);
});

/** The restart after one crash is the start for the next. */
async function crashInTurn(
  stage: Stage,
  app: ManagedApp,
  list: readonly Crash[],
  before: (crash: Crash) => void = () => undefined,
): Promise<void> {
  const publishing = setInterval(() => void stage.publishUnusable(1).catch(() => undefined), 1_000);
  try {
    for (const crash of list) {
      if (isOver) return;
      before(crash);
      await stage.crashAt(app, crash);
      interrupted.push(`${crash.name.padEnd(24)} ${crash.nth}  ${await underWay(stage)}`);
    }
  } catch (error) {
    isOver = true;
    throw error;
  } finally {
    clearInterval(publishing);
    await app.kill();
  }
}

async function underWay({ world: { databases } }: Stage): Promise<string> {
  const [states, unpublished] = await Promise.all([
    databases.rows<{ state: string; count: number }>(
      'notifications',
      `select state, count(*)::int as count from deliveries
       where state not in ('accepted', 'dead', 'skipped') group by state order by state`,
    ),
    databases.rows<{ count: number }>(
      'tickets',
      'select count(*)::int as count from outbox where published_at is null',
    ),
  ]);
  const all = [...states, { state: 'unpublished', count: unpublished[0]?.count ?? 0 }];
  return all.map(({ state, count }) => `${state} ${count}`).join(', ');
}

async function close(stage: Stage | undefined): Promise<void> {
  isOver = true;
  console.log(interrupted.splice(0).join('\n'));
  await stage?.close();
  isOver = false;
}
