import { randomInt, randomUUID } from 'node:crypto';
import { buildEvent } from '@bellhop/contracts/testing';
import { type NatsServer, SmtpSink, startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { GuestAuth } from './guest-auth.js';
import { Notifier } from './notifier.js';
import { databaseText, placesOf, streamsText } from './search.js';

let nats: NatsServer;
let sink: SmtpSink;
let guestAuth: GuestAuth;
let notifier: Notifier;
let reader: NatsConnection;

beforeAll(async () => {
  [nats, sink] = await Promise.all([startNats(), SmtpSink.start()]);
  notifier = await Notifier.start({ emailUrl: sink.url, nats, env: { LOG_LEVEL: 'debug' } });
  guestAuth = await GuestAuth.start(nats);
  reader = await connect({ servers: nats.url });
  await notifier.untilReady();
});
afterAll(async () => {
  await reader?.close();
  await guestAuth?.stop();
  await notifier?.stop();
  await Promise.all([nats?.stop(), sink?.close()]);
});

/** Where any of these is found: rows of every table, messages of every stream, log lines, metrics. */
async function placesOfAny(secrets: readonly string[]): Promise<string[]> {
  const places = {
    database: await databaseText(notifier.database),
    streams: await streamsText(await jetstreamManager(reader)),
    log: notifier.logLines().join('\n'),
    metrics: await (await fetch(`${notifier.app.opsUrl}/metrics`)).text(),
  };
  // A search through nothing would prove nothing.
  expect(places.database).toContain('@example.com');
  expect(places.log).toContain('delivery');
  return secrets.flatMap((secret) => placesOf(secret, places));
}

/** Digits that are unlikely in an id, time or counter. Several codes, because one may be there by chance. */
const newCodes = (count: number) => Array.from({ length: count }, () => String(randomInt(1_000_000)).padStart(6, '0'));

async function ask(codes: readonly string[], expiresAt: Date): Promise<void> {
  const questions = codes.map((code, index) => ({
    challengeId: randomUUID(),
    email: `secret-${index}@example.com`,
    code,
    number: 'SEC1',
    expiresAt: expiresAt.toISOString(),
  }));
  await Promise.all(questions.map((question) => guestAuth.rpc.request('sendCode', question)));
}
const count = async (sql: string) => Number((await notifier.database.query<{ count: string }>(sql)).rows[0]?.count);
/** One code may be part of a random number somewhere, but not all of them. */
const foundForAll = async (codes: readonly string[]) => {
  const found = await Promise.all(codes.map((code) => placesOfAny([code])));
  return found[0]!.filter((place) => found.every((places) => places.includes(place)));
};

describe('a code in the clear is in no table, stream, log line or metric', () => {
  it('while it waits for a mail server, before and after its first attempt', async () => {
    sink.when({ at: 'rcpt', answer: '451 later' });
    const codes = newCodes(4);
    await ask(codes, new Date(Date.now() + 600_000));
    await waitFor(async () => (await count('select count(*) from deliveries where tries > 0')) === 4);
    expect(await count('select count(*) from sealed_codes')).toBe(4);
    expect(await count('select count(*) from frozen_requests')).toBeGreaterThan(0);
    expect(await foundForAll(codes)).toEqual([]);
    sink.forgetRules();
    await notifier.database.query('update deliveries set due_at = now() where settled_at is null');
    await notifier.untilSettled();
    for (const code of codes) expect(sink.mails.some(({ raw }) => raw.toString().includes(code))).toBe(true);
    expect(await foundForAll(codes)).toEqual([]);
    expect(await count('select count(*) from sealed_codes')).toBe(0);
    expect(await count('select count(*) from frozen_requests')).toBe(0);
  });

  it('after it has expired unsent', async () => {
    const mails = sink.mails.length;
    sink.when({ at: 'rcpt', answer: '451 later' });
    const codes = newCodes(4);
    await ask(codes, new Date(Date.now() + 2_000));
    await notifier.untilSettled();
    expect(await foundForAll(codes)).toEqual([]);
    expect(await count('select count(*) from sealed_codes')).toBe(0);
    expect(await count('select count(*) from frozen_requests')).toBe(0);
    expect(sink.mails).toHaveLength(mails);
    sink.forgetRules();
  });

  it('when the request itself is refused', async () => {
    const [code] = newCodes(1) as [string];
    const question = { challengeId: 'none', email: 'x@example.com', code, number: 'SEC1', expiresAt: 'soon' };
    const answer = await guestAuth.send('notifications.rpc.v1.send_code', question);
    expect(placesOf(code, { answer })).toEqual([]);
    expect(await placesOfAny([code])).toEqual([]);
  });
});

it('S5 a guest’s link in the clear is in no table, stream, log line or metric, waiting or sent', async () => {
  await guestAuth.answer();
  sink.when({ at: 'rcpt', answer: '451 later' });
  const events = Array.from({ length: 3 }, (_, index) =>
    buildEvent('ticket.created.v1', {
      requester: { kind: 'guest', email: `link-${index}@example.com` },
      ticket: { id: randomUUID(), number: `L${index}`, url: undefined },
    }),
  );
  await notifier.publish(events);
  await waitFor(async () => (await count('select count(*) from frozen_requests')) >= 3);
  const links = [...guestAuth.links.values()];
  expect(links).toHaveLength(3);
  expect(await placesOfAny(links)).toEqual([]);
  sink.forgetRules();
  await notifier.database.query('update deliveries set due_at = now() where settled_at is null');
  await notifier.untilSettled();
  for (const link of links) {
    const bodies = sink.mails.map(({ raw }) => raw.toString().replace(/=\r\n/g, ''));
    expect(bodies.some((body) => body.includes(link))).toBe(true);
  }
  expect(await placesOfAny(links)).toEqual([]);
});
