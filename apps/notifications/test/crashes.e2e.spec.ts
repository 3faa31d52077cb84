import { buildEvent } from '@bellhop/contracts/testing';
import { SmtpSink, untilReady, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';

const KILLS = 10;
const EVENTS_PER_KILL = 200;
const EVENTS = KILLS * EVENTS_PER_KILL;
/** Upper bound of started, unrecorded mails of one process: twice the 40 that it has in flight over SMTP. */
const MAX_HIT_BY_A_KILL = 80;
/** A mail is given up after two kills while it was being sent. */
const MAX_GIVEN_UP = (KILLS * MAX_HIT_BY_A_KILL) / 2;

let sink: SmtpSink;
let notifier: Notifier;

beforeAll(async () => {
  sink = await SmtpSink.start();
  // Slow enough that every kill happens while mails are being sent.
  sink.when({ at: 'dot', delayMs: 200 });
  notifier = await Notifier.start({ emailUrl: sink.url });
  await notifier.addReplica();
  await notifier.untilReady();
});

afterAll(async () => {
  await notifier?.stop();
  await sink?.close();
});

describe('two replicas, one of them killed ten times during 2,000 events', () => {
  it('nothing is lost, and nobody is notified twice except where SMTP lost the answer, which is counted', async () => {
    const events = Array.from({ length: EVENTS }, (_, index) =>
      buildEvent('ticket.resolved.v1', {
        requester: { kind: 'user', id: `u-${index}`, email: `person-${index}@example.com` },
        ticket: { id: `T-${index}` },
      }),
    );
    let notifiedAtLastKill = EVENTS;
    /** Unanswered attempts so far, before each kill and at the end. */
    const unanswered: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Wait until the leases of the killed process have expired, so that every owner is alive.
      await untilOwners("state in ('leased', 'sending')", 0);
      unanswered.push(await countUnanswered());
      const before = sink.mails.length;
      await notifier.publish(events.slice(kill * EVENTS_PER_KILL, (kill + 1) * EVENTS_PER_KILL));
      await waitFor(() => sink.mails.length >= before + kill * 10);
      await untilOwners("state = 'sending'", 2);
      notifiedAtLastKill = new Set(sink.mails.map(({ to }) => to[0])).size;
      await notifier.replicas.splice(kill % 2, 1)[0]?.stop('SIGKILL');
      const { opsUrl } = await notifier.addReplica();
      await untilReady('the new replica', opsUrl);
    }
    expect(notifiedAtLastKill).toBeLessThan(EVENTS);
    await waitFor(async () => (await notifier.countDeliveries()) === EVENTS, { timeoutMs: 60_000 });
    await notifier.untilSettled();
    unanswered.push(await countUnanswered());
    const hit = unanswered.slice(1).map((count, kill) => count - (unanswered[kill] ?? 0));
    // Every kill must happen while mails are being sent, or the test proves nothing.
    expect(hit.filter((count) => count > 0)).toHaveLength(KILLS);

    const copies = new Map<string, number>();
    for (const { to } of sink.mails) copies.set(String(to[0]), (copies.get(String(to[0])) ?? 0) + 1);
    const { rows } = await notifier.database.query<{ id: string; address: string; state: string; unknowns: number }>(
      `select id, endpoint as address, state, unknowns from deliveries where channel = 'email'`,
    );
    // A mail may be given up only after two attempts without an answer; it is counted and published as dead.
    const lost = rows.filter(
      ({ address, state, unknowns }) => !copies.has(address) && !(state === 'dead' && unknowns === 2),
    );
    const unexplained = rows.filter(({ address, unknowns }) => (copies.get(address) ?? 0) > 1 + unknowns);
    expect(lost).toEqual([]);
    expect(unexplained).toEqual([]);
    expect(await notifier.messagesIn('DEAD_LETTERS')).toBe(0);
    const twice = [...copies.values()].filter((count) => count > 1).length;
    const givenUp = rows.filter(({ state }) => state === 'dead');
    console.log(`${KILLS} kills hit ${hit} mails in flight: ${twice} came twice, ${givenUp.length} were given up`);
    expect(twice).toBeLessThanOrEqual(rows.filter(({ unknowns }) => unknowns > 0).length);
    expect(givenUp.filter(({ unknowns }) => unknowns !== 2)).toEqual([]);
    expect(givenUp.length).toBeLessThanOrEqual(MAX_GIVEN_UP);
    const published = await waitFor(
      async () => {
        const published = (await notifier.notificationEvents()).filter(({ data }) => data.channel === 'email');
        return published.length >= EVENTS && published;
      },
      { what: 'an event about each delivery' },
    );
    const dead = published.filter(({ type }) => type === 'notification.dead.v1').map(({ data }) => data.deliveryId);
    // The feed lost none either, and has none twice: its provider can tell a second attempt from the first.
    const { rows: feed } = await notifier.database.query(
      `select d.state, count(*)::int as deliveries, count(e.id)::int as entries from deliveries d
       left join feed_entries e on e.delivery_id = d.id where d.channel = 'feed' group by d.state`,
    );
    expect(feed).toEqual([{ state: 'accepted', deliveries: EVENTS, entries: EVENTS }]);
    for (const { id } of givenUp) expect(dead.filter((deliveryId) => deliveryId === id)).toHaveLength(1);
  });

  /** Waits until so many processes hold deliveries of this kind. */
  const untilOwners = (kind: string, count: number) =>
    waitFor(
      async () => {
        const { rows } = await notifier.database.query<{ owners: number }>(
          `select count(distinct leased_by)::int as owners from deliveries where channel = 'email' and ${kind}`,
        );
        return rows[0]?.owners === count;
      },
      { what: `${count} processes to hold deliveries` },
    );

  async function countUnanswered(): Promise<number> {
    const { rows } = await notifier.database.query<{ count: number }>(
      `select coalesce(sum(unknowns), 0)::int as count from deliveries where channel = 'email'`,
    );
    return rows[0]?.count ?? 0;
  }
});
