import { get } from 'node:http';
import { connect } from 'node:net';
import type { TicketEvent } from '@bellhop/contracts/events';
import { type ListFeedResponse, listFeedResponse } from '@bellhop/contracts/http';
import { buildEvent } from '@bellhop/contracts/testing';
import { type Issuer, type NatsServer, SmtpSink, startIssuer, startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPage } from './feed-replica.js';
import { Notifier } from './notifier.js';

const person = (id: string) => ({ id, email: `${id}@example.com`, locale: 'en', isAgent: false });

let issuer: Issuer;
let nats: NatsServer;
let sink: SmtpSink;
let notifier: Notifier;

beforeAll(async () => {
  // With accounts: hints need rights of their own.
  [issuer, sink, nats] = await Promise.all([startIssuer(), SmtpSink.start(), startNats({ accounts: true })]);
  const env = { OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: issuer.audience };
  notifier = await Notifier.start({ emailUrl: sink.url, env, nats });
  await notifier.addReplica();
  await notifier.untilReady();
});
afterAll(async () => {
  await notifier?.stop();
  await Promise.all([issuer?.stop(), sink?.close(), nats?.stop()]);
});

const token = (id: string, lifetimeSeconds?: number) => issuer.token(person(id), lifetimeSeconds);
const urlOf = (replica: number) => `${notifier.replicas[replica]?.url}/notifications/feed`;
const page = (id: string, replica = 0) => openPage(`${urlOf(replica)}/stream`, token(id));
const ask = (path: string, id: string, init: RequestInit = {}) =>
  fetch(urlOf(0) + path, {
    ...init,
    headers: { authorization: `Bearer ${token(id)}`, 'content-type': 'application/json' },
  });
const list = async (id: string): Promise<ListFeedResponse> => listFeedResponse.parse(await (await ask('', id)).json());
const seen = (id: string, body: unknown) => ask('/seen', id, { method: 'POST', body: JSON.stringify(body) });

let tickets = 0;
const reply = (id: string, version = 2, ticketId = `T-${++tickets}`) => {
  const { email, locale } = person(id);
  return buildEvent('ticket.replied.v1', {
    requester: { kind: 'user', id, email, locale },
    ticket: { id: ticketId, number: 'N1', version },
  }) as TicketEvent;
};

describe('the feed of somebody who is signed in', () => {
  it('has what happened, and pages on every replica learn of it, of what was seen, and of nothing of others', async () => {
    const pages = await Promise.all([page('ada', 0), page('ada', 1)]);
    const other = await page('jan', 1);
    await waitFor(() => [...pages, other].every(({ told }) => told.length === 1));
    const event = reply('ada');
    await notifier.publish([event]);
    await waitFor(() => pages.every(({ told }) => told.at(-1)?.unread === 1));
    const { items, unread } = await list('ada');
    expect(unread).toBe(1);
    expect(items).toMatchObject([{ kind: 'replied', ticket: { version: 2 }, seenAt: null }]);
    await notifier.publish([buildEvent('ticket.seen.v1', event.data as never) as TicketEvent]);
    await waitFor(() => pages.every(({ told }) => told.at(-1)?.unread === 0));
    await notifier.publish([reply('ada'), reply('ada')]);
    await waitFor(() => pages.every(({ told }) => told.at(-1)?.unread === 2));
    const upTo = (await list('ada')).items[1]?.id;
    expect(await (await seen('ada', { upTo })).json()).toMatchObject({ unread: 1 });
    expect(await (await seen('ada', { all: true })).json()).toMatchObject({ unread: 0 });
    await waitFor(() => pages.every(({ told }) => told.at(-1)?.unread === 0));
    expect(other.told).toEqual([{ unread: 0, rev: 0 }]);
    for (const one of [...pages, other]) one.close();
  });

  it.each([
    [{}, '', 'The body must have either "upTo", the id of an entry, or "all": true'],
    [
      { all: true, upTo: crypto.randomUUID() },
      '',
      'The body must have either "upTo", the id of an entry, or "all": true',
    ],
    [{ upTo: 'x' }, 'upTo', 'upTo must be the id of an entry'],
    [{ all: false }, 'all', 'all must be true, or left out'],
  ])('refuses to mark %j, and says what is wrong with it', async (body, path, detail) => {
    const answer = await seen('ada', body);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', detail, errors: [{ path }] });
  });

  it.each([
    ['?limit=0', 'limit must be a whole number from 1 to 100'],
    ['?limit=101', 'limit must be a whole number from 1 to 100'],
    ['?cursor=!', 'cursor the `next` of the page before, unchanged'],
  ])('refuses the page %s', async (query, detail) => {
    const answer = await ask(query, 'ada');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', detail });
  });

  it('has no stream for a token that has ended, and one that ends with its token', async () => {
    await expect(openPage(`${urlOf(0)}/stream`, token('ada', -60))).rejects.toThrow('401');
    await expect(openPage(`${urlOf(0)}/stream`)).rejects.toThrow('401');
    const opened = await openPage(`${urlOf(0)}/stream`, token('ada', 2));
    await waitFor(() => opened.told.length === 1);
    await waitFor(() => opened.isEnded, { timeoutMs: 10_000, what: 'the stream to end' });
    // It lasted for seconds, and was slow to nobody.
    const metrics = await (await fetch(`${notifier.app.opsUrl}/metrics`)).text();
    expect(metrics).toMatch(/^bellhop_http_request_duration_seconds_count\{.*\/notifications\/feed"/m);
    expect(metrics).not.toMatch(
      /^bellhop_http_request_duration_seconds_count\{.*\/notifications\/feed\/stream".*status="200"/m,
    );
  });
});

describe('F4 a replica with many pages', () => {
  const open = async () =>
    Number(
      /^nodejs_active_handles_total\S* (\d+)/m.exec(await (await fetch(`${notifier.app.opsUrl}/metrics`)).text())?.[1],
    );

  it('F4 lets go of 1,000 that die at once, some of them before they have headers', async () => {
    const before = await open();
    const { port } = new URL(notifier.app.url);
    const authorization = `Bearer ${token('ada')}`;
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => {
          const request = `GET /notifications/feed/stream HTTP/1.1\r\nhost: a\r\nauthorization: ${authorization}\r\n\r\n`;
          return new Promise<void>((resolve, reject) => {
            const socket = connect(Number(port), '127.0.0.1', () => {
              socket.write(request, () => {
                if (index % 2 === 0) return socket.destroy();
                socket.once('data', () => socket.destroy());
              });
            });
            socket.on('close', () => resolve()).on('error', reject);
          });
        }),
      );
    }
    await waitFor(async () => (await open()) <= before + 5, { timeoutMs: 5_000, what: 'all connections to be gone' });
    const opened = await page('ada');
    await waitFor(() => opened.told.length === 1);
    opened.close();
  });

  it('F4 stops within five seconds while a hundred are open', async () => {
    const pages = await Promise.all(Array.from({ length: 100 }, (_, index) => page(`p${index % 20}`, 1)));
    // And one that does not read.
    const { port } = new URL(notifier.replicas[1]?.url as string);
    const deaf = get({
      port,
      path: '/notifications/feed/stream',
      headers: { authorization: `Bearer ${token('deaf')}` },
    });
    deaf.on('response', (response) => response.pause()).on('error', () => undefined);
    await waitFor(() => pages.every(({ told }) => told.length === 1));
    const startedAt = performance.now();
    await notifier.replicas.splice(1, 1)[0]?.stop();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await waitFor(() => pages.every(({ isEnded }) => isEnded));
    expect(notifier.logLines().filter((line) => line.includes('did not stop in time'))).toEqual([]);
    deaf.destroy();
  });
});
