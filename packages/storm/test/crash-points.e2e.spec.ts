import { restoreStream, snapshotStream } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FailpointName, failpoints } from '../src/faults/failpoints.js';
import type { Order } from '../src/faults/parse-faults.js';
import { History } from '../src/history/history.js';
import type { ManagedApp } from '../src/world/managed-app.js';
import { startWriters, type Writing } from '../src/writers/writers.js';
import { Stage } from './stage.js';

type Death = Pick<Order, 'name' | 'nth'>;

const RATES = { desk: 8, crm: 8 };
const SEED = 7;
/** Each way. Long enough that a process that dies has requests under way, and leases that were prolonged. */
const PROVIDER_DISTANCE_MS = 100;
/** A process repairs a stream once; what interrupts that leads there again. */
const REPAIR: readonly FailpointName[] = [
  'rollback.detected',
  'rollback.consumer_deleted',
  'rollback.rebuilt',
  'rollback.reopened',
];
/** A process sweeps up once what another has left; whether there is a second time depends on how others die. */
const ONCE: readonly FailpointName[] = ['leases.expired'];

/** Where an error means something, and where a pause that outlasts a lease does: met by the processes that live to the end. */
const MISHAPS: Record<'tickets' | 'one' | 'other', readonly Order[]> = {
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
    ...thrown(['leases.renewed']),
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
/** The first time at every point and one later time, in turn the second and the third; with CRASH_POINTS=all each of them. */
const deaths = (names: readonly FailpointName[]): Death[] =>
  names.flatMap((name, index) => {
    const times = process.env.CRASH_POINTS === 'all' ? [1, 2, 3] : [1, 2 + (index % 2)];
    return (ONCE.includes(name) ? [1] : times).map((nth) => ({ name, nth }));
  });

/** What each death met, for the table at the end. */
const met: string[] = [];
/** Where one chain has failed, the others need not go on. */
let isOver = false;

describe('a process that is killed at every step of its work, again and again, while work arrives', () => {
  let stage: Stage;
  let writing: Writing;
  const redriving: Promise<void>[] = [];
  beforeAll(async () => {
    const asleep = { isAsleep: true };
    stage = await Stage.open({ provider: 'resend', replicas: [asleep, asleep], tickets: asleep });
    for (const { links } of stage.world.replicas) links.provider.delay(PROVIDER_DISTANCE_MS);
    writing = startWriters(stage.world, new History(), SEED, RATES);
  });
  afterAll(() => close(stage));

  it('loses nothing, tells nobody twice, and leaves nothing behind', async () => {
    const { tickets, replicas } = stage.world;
    const [one, other] = replicas as [ManagedApp, ManagedApp];
    const all = deaths(ofApp('notifications'));
    // Webhooks and the operator come to the first replica.
    const isForOne = ({ name }: Death) => /^(webhook|intake|settle|deadletter|redrive)\./.test(name);
    await Promise.all([
      dieOneAfterTheOther(stage, tickets, deaths(ofApp('tickets'))).then(() => loseTheEndOfAStream()),
      dieOneAfterTheOther(stage, one, all.filter(isForOne), (death) => {
        if (death.name === 'redrive.accepted') redriving.push(redrive(one, death.nth));
      }),
      dieOneAfterTheOther(
        stage,
        other,
        all.filter((death) => !isForOne(death)),
      ),
    ]);
    await Promise.all([goOn(tickets, MISHAPS.tickets), goOn(one, MISHAPS.one), goOn(other, MISHAPS.other)]);
    await Promise.all(redriving);
    await writing.finish();
    await stage.world.heal();
    expect(await stage.violations()).toEqual([]);
  }, 900_000);

  /** The last of them is answered by the process that comes after the death. */
  async function redrive(app: ManagedApp, times: number): Promise<void> {
    for (let n = 0; n < times; n++) await stage.redrive(app);
  }

  /** The last start: it meets errors and pauses, and lives. */
  async function goOn(app: ManagedApp, mishaps: readonly Order[]): Promise<void> {
    await stage.start(app, { failpoints: mishaps });
    for (const mishap of mishaps) {
      await stage.untilReached(app, mishap);
      met.push(`${mishap.name.padEnd(24)} ${mishap.nth}  ${mishap.action}`);
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
    await dieOneAfterTheOther(
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
    stage = await Stage.open({ provider: 'smtp', replicas: [{ isAsleep: true }] });
    for (const { links } of stage.world.replicas) links.provider.delay(PROVIDER_DISTANCE_MS);
    writing = startWriters(stage.world, new History(), SEED, RATES);
  });
  afterAll(() => close(stage));

  it('loses nothing, and tells nobody more often than there were attempts without an answer', async () => {
    const [app] = stage.world.replicas as [ManagedApp];
    const sending = ofApp('notifications').filter((name) => /^(dispatch|record|leases)\./.test(name));
    await dieOneAfterTheOther(
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

/** The restart after one death is the start towards the next. */
async function dieOneAfterTheOther(
  stage: Stage,
  app: ManagedApp,
  list: readonly Death[],
  before: (death: Death) => void = () => undefined,
): Promise<void> {
  const spoiling = setInterval(() => void stage.spoil(1).catch(() => undefined), 1_000);
  try {
    for (const death of list) {
      if (isOver) return;
      before(death);
      await stage.dieAt(app, death);
      met.push(`${death.name.padEnd(24)} ${death.nth}  ${await underWay(stage)}`);
    }
  } catch (error) {
    isOver = true;
    throw error;
  } finally {
    clearInterval(spoiling);
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
  console.log(met.splice(0).join('\n'));
  await stage?.close();
  isOver = false;
}
