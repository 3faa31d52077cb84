import { setTimeout as pause } from 'node:timers/promises';
import { buildEvent } from '@bellhop/contracts/testing';
import { SmtpSink, waitFor } from '@bellhop/local-stack';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';
import { readMail } from './read-mail.js';

let sink: SmtpSink;
let notifier: Notifier;

beforeEach(async () => {
  sink = await SmtpSink.start();
  notifier = await Notifier.start({ emailUrl: sink.url });
  await notifier.untilReady();
});

afterEach(async () => {
  await notifier?.stop();
  await sink?.close();
});

const resolved = (id: string, version = 2) =>
  buildEvent('ticket.resolved.v1', {
    requester: { kind: 'user', id, email: `${id}@example.com`, locale: 'en' },
    ticket: { id: `T-${id}`, number: id.toUpperCase(), version },
  });
const replied = (id: string, version: number, eventId?: string) =>
  buildEvent(
    'ticket.replied.v1',
    {
      requester: { kind: 'user', id, email: `${id}@example.com`, locale: 'en' },
      ticket: { id: `T-${id}`, number: id.toUpperCase(), version },
    },
    eventId ? { id: eventId } : {},
  );
const mailsTo = (id: string) => sink.to(`${id}@example.com`);

describe('one delivery does not hold up another', () => {
  it('when a system floods one ticket with thousands of events', async () => {
    const flood = Array.from({ length: 2_100 }, (_, index) =>
      replied('flood', index + 1, `${'e'.repeat(120)}${index}`),
    );
    await notifier.publish(flood);
    await notifier.publish([
      buildEvent('ticket.seen.v1', {
        requester: { kind: 'user', id: 'flood' },
        ticket: { id: 'T-flood', version: 2_100 },
      }),
    ]);
    await notifier.publish(Array.from({ length: 20 }, (_, index) => resolved(`good-${index}`)));
    await waitFor(
      () => Array.from({ length: 20 }, (_, index) => mailsTo(`good-${index}`).length).every((count) => count === 1),
      { timeoutMs: 10_000, what: 'the good mails' },
    );
    await notifier.untilSettled();
    // On a busy machine the first of them may be told before the person has seen the last.
    const [decision] = await notifier.decisions(flood.at(-1)?.id as string);
    expect(decision).toMatchObject({ reason: 'seen' });
  });

  it('when a mail server takes minutes to answer for one of a batch', async () => {
    sink.when({ at: 'dot', to: 'slow@example.com', answer: 'silence' });
    const seen = Array.from({ length: 39 }, (_, index) => replied(`seen-${index}`, 2));
    await notifier.publish([...seen, replied('slow', 2)]);
    await Promise.all(seen.map(({ id }) => notifier.decisions(id)));
    await notifier.publish(
      seen.map(({ data }) =>
        buildEvent('ticket.seen.v1', {
          requester: data.requester as { kind: 'user'; id: string },
          ticket: data.ticket,
        }),
      ),
    );
    await waitFor(() => sink.seen.dots > 0, { what: 'the slow mail to be handed over' });
    await notifier.publish([resolved('quick')]);
    await waitFor(() => mailsTo('quick').length === 1, { timeoutMs: 3_000, what: 'the quick mail' });
  });
});

describe('a replica that is stopped', () => {
  it('waits for a slow mail server, so that a rolling deployment sends nothing twice', async () => {
    sink.when({ at: 'dot', delayMs: 7_000 });
    await notifier.publish(Array.from({ length: 10 }, (_, index) => resolved(`deploy-${index}`)));
    await waitFor(() => sink.seen.mails >= 10, { what: 'ten mails to be on their way' });
    await notifier.stopReplicas();
    sink.forgetRules();
    await notifier.addReplica();
    await notifier.untilSettled();
    await pause(3_000);
    expect(sink.mails).toHaveLength(10);
  });
});

describe('a solution whose first attempt failed', () => {
  it('is still mailed when a newer reply overtakes it', async () => {
    sink.when({ at: 'rcpt', to: 'grey@example.com', answer: '451 4.7.1 greylisted', times: 1 });
    const solution = resolved('grey', 2);
    await notifier.publish([solution]);
    await waitFor(async () => (await notifier.decisions(solution.id))[0]?.state === 'retrying');
    await notifier.database.query(`update deliveries set due_at = now() + interval '1 hour' where state = 'retrying'`);
    await notifier.publish([replied('grey', 3)]);
    await waitFor(() => mailsTo('grey').length === 1);
    const mail = await readMail(mailsTo('grey')[0]?.raw as Buffer);
    expect(mail.subject).toMatch(/solved/i);
  });
});

describe('what an operator reads', () => {
  it('counts an unanswered attempt', async () => {
    sink.when({ at: 'dot', to: 'lost@example.com', answer: 'drop' });
    const event = resolved('lost');
    await notifier.publish([event]);
    await waitFor(async () => (await notifier.decisions(event.id))[0]?.state === 'dead');
    const metrics = await (await fetch(`${notifier.app.opsUrl}/metrics`)).text();
    expect(metrics).toMatch(/bellhop_deliveries_total\{state="unknown",template="resolved",[^}]*\} 1/);
    expect(metrics).toMatch(/bellhop_deliveries_total\{state="dead",template="resolved",[^}]*\} 1/);
  });

  it('has no dead letter because a table was locked for long', async () => {
    const client = await notifier.database.connect();
    try {
      await client.query('begin; lock table known_tickets in exclusive mode');
      await client.query('set local statement_timeout = 0');
      await notifier.publish([resolved('locked')]);
      // Longer than a statement waits for a lock.
      await pause(15_000);
      await client.query('rollback');
      await waitFor(() => mailsTo('locked').length === 1, { timeoutMs: 40_000 });
    } finally {
      client.release();
    }
    expect(notifier.logLines().some((line) => line.includes('failed ('))).toBe(false);
    expect(await notifier.messagesIn('DEAD_LETTERS')).toBe(0);
  });
});
