import { setTimeout as pause } from 'node:timers/promises';
import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';
import { SmtpSink } from './smtp-sink.js';

const EVENTS = 2_000;
const KILLS = 10;

let sink: SmtpSink;
let notifier: Notifier;

beforeAll(async () => {
  sink = await SmtpSink.start();
  // Slow enough that every kill finds mails on their way.
  sink.when({ at: 'dot', delayMs: 50 });
  notifier = await Notifier.start({ emailUrl: sink.url });
  await notifier.addReplica();
  await notifier.untilReady();
}, 60_000);

afterAll(async () => {
  await notifier?.stop();
  await sink?.close();
});

describe('two replicas, one of them killed ten times during 2,000 events', () => {
  it('nothing is lost, and nobody is told twice but where SMTP lost the answer, which is counted', async () => {
    const events = Array.from({ length: EVENTS }, (_, index) =>
      buildEvent('ticket.resolved.v1', {
        requester: { kind: 'user', id: `u-${index}`, email: `person-${index}@example.com` },
        ticket: { id: `T-${index}` },
      }),
    );
    const publishing = (async () => {
      for (let start = 0; start < EVENTS; start += 50) {
        await notifier.publish(events.slice(start, start + 50));
        await pause(300);
      }
    })();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = sink.mails.length;
      await waitFor(() => sink.mails.length > before + 20 || sink.mails.length >= EVENTS, { timeoutMs: 60_000 });
      const victim = notifier.replicas.splice(kill % 2, 1)[0];
      await victim?.stop('SIGKILL');
      await notifier.addReplica();
    }
    await publishing;
    await waitFor(async () => (await notifier.countDeliveries()) === EVENTS, { timeoutMs: 60_000 });
    await notifier.untilSettled(90_000);

    const copies = new Map<string, number>();
    for (const { to } of sink.mails) copies.set(String(to[0]), (copies.get(String(to[0])) ?? 0) + 1);
    const { rows } = await notifier.database.query<{ address: string; state: string; unknowns: number }>(
      'select address, state, unknowns from deliveries',
    );
    // A mail may be given up only after two attempts without an answer; an operator sees it and can replay it.
    const lost = rows.filter(
      ({ address, state, unknowns }) => !copies.has(address) && !(state === 'dead' && unknowns === 2),
    );
    const unexplained = rows.filter(({ address, unknowns }) => (copies.get(address) ?? 0) > 1 + unknowns);
    expect(lost).toEqual([]);
    expect(unexplained).toEqual([]);
    expect(await notifier.messagesIn('DEAD_LETTERS')).toBe(0);
    const twice = [...copies.values()].filter((count) => count > 1).length;
    const unanswered = rows.filter(({ unknowns }) => unknowns > 0).length;
    console.log(
      `${KILLS} kills: ${twice} mails came twice, ${unanswered} attempts had no answer, ${rows.filter(({ state }) => state === 'dead').length} given up`,
    );
    expect(twice).toBeLessThanOrEqual(unanswered);
  }, 240_000);
});
