import { buildEvent } from '@bellhop/contracts/testing';
import { type ResendServer, SmtpSink, startResend, untilReady, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';

const MAILS = 600;

let resend: ResendServer;
let sink: SmtpSink;
let notifier: Notifier;

beforeAll(async () => {
  [resend, sink] = await Promise.all([startResend({ isProcess: true, delayMs: 50 }), SmtpSink.start()]);
  notifier = await Notifier.start({ emailUrl: `${resend.url},${sink.url}` });
  await notifier.untilReady();
  await untilReady('notifications', (await notifier.addReplica()).opsUrl);
});
afterAll(async () => {
  await notifier?.stop();
  await resend?.stop();
  await sink?.close();
});

const count = async (condition: string): Promise<number> => {
  const sql = `select count(*)::int as count from deliveries where channel = 'email' and ${condition}`;
  return (await notifier.database.query<{ count: number }>(sql)).rows[0]?.count ?? 0;
};
const degraded = async (opsUrl: string): Promise<{ name: string; problem: string }[]> =>
  ((await (await fetch(`${opsUrl}/readyz`)).json()) as { degraded: { name: string; problem: string }[] }).degraded;

/** One mail at a time tries, so somebody has to be told of something. */
async function untilBack(sent: number): Promise<void> {
  let later = 0;
  await waitFor(
    async () => {
      later += 1;
      const to = `later-${later}@example.com`;
      const requester = { kind: 'user' as const, id: `l-${later}`, email: to };
      const ticket = { id: `L-${later}`, url: 'https://crm.example.com/t' };
      await notifier.publish([buildEvent('ticket.resolved.v1', { requester, ticket })], 'crm');
      await waitFor(async () => (await count(`state = 'accepted'`)) === sent + later, {
        what: 'a mail',
        timeoutMs: 60_000,
      });
      const parts = await Promise.all(notifier.replicas.map(({ opsUrl }) => degraded(opsUrl)));
      return parts.flat().every(({ name }) => name !== 'mail_providers');
    },
    { what: 'both to return to the first', timeoutMs: 120_000 },
  );
}

it('two replicas whose first provider is killed send all through the second, nobody is notified twice, and they return to the first', async () => {
  const events = Array.from({ length: MAILS }, (_, index) =>
    buildEvent('ticket.resolved.v1', {
      requester: { kind: 'user', id: `r-${index}`, email: `reader-${index}@example.com` },
      ticket: { id: `R-${index}`, url: 'https://crm.example.com/t' },
    }),
  );
  await notifier.publish(events, 'crm');
  await waitFor(async () => (await resend.emails({ isBrief: true })).length > 0, { what: 'the first to take mails' });
  await resend.kill();
  await waitFor(async () => (await count(`(state = 'accepted' or unknowns > 0)`)) === MAILS, {
    what: 'all but what the first may have',
    timeoutMs: 90_000,
  });
  expect(sink.mails.length).toBeGreaterThan(0);
  const replica = await waitFor(
    async () => {
      const all = await Promise.all(
        notifier.replicas.map(async ({ opsUrl }) => ({ opsUrl, parts: await degraded(opsUrl) })),
      );
      return all.find(({ parts }) => parts.some(({ name }) => name === 'mail_providers'));
    },
    { what: 'a replica that tells of it' },
  );
  expect(replica.parts.find(({ name }) => name === 'mail_providers')?.problem).toContain(
    `Mails go through 127.0.0.1:${sink.port}`,
  );
  await resend.resume();
  await waitFor(async () => (await count(`state = 'accepted'`)) === MAILS, {
    what: 'what the first may have',
    timeoutMs: 120_000,
  });
  const mails = [...(await resend.emails({ isBrief: true })), ...sink.mails].flatMap(({ to }) => to);
  expect(mails.length).toBe(MAILS);
  expect(new Set(mails).size).toBe(MAILS);
  await untilBack(MAILS);
  const logs = notifier.logLines().join('\n');
  expect(logs).toContain('mail provider takes no mails');
  expect(logs).toContain('mail provider takes mails again');
  expect(logs).not.toContain('re_test_key');
}, 420_000);
