import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Resend } from 'resend';
import { type ResendServer, startResend, waitFor } from '../index.js';

const secretOf = (text: string) => `whsec_${Buffer.from(text).toString('base64')}`;
const SECRETS = [secretOf('the old secret of the webhook'), secretOf('the new secret of the webhook')];

describe('the webhooks of the Resend server', () => {
  let receiver: Receiver;
  let server: ResendServer;
  let resend: Resend;
  beforeAll(async () => {
    receiver = new Receiver();
    await receiver.start();
    server = await startResend();
    resend = new Resend('re_test_key', { baseUrl: server.httpUrl });
  });
  afterEach(async () => {
    await server.clear();
    receiver.clear();
  });
  afterAll(async () => {
    await server.stop();
    await receiver.stop();
  });
  const configure = (more: object = {}) =>
    server.set({ webhooks: { url: receiver.url, secrets: SECRETS, retryMs: [20, 20, 20], ...more } });
  const send = async (to: string) => {
    const from = 'Bellhop <hop@example.com>';
    const tags = [{ name: 'delivery', value: 'd-1' }];
    const { data } = await resend.emails.send({ from, to, subject: 'Hello', text: 'Hi', tags });
    return data?.id as string;
  };
  const allOver = () =>
    waitFor(async () => {
      const messages = await server.webhooks();
      return messages.length > 0 && messages.every(({ isOver }) => isOver) && messages;
    });

  it('tell that a mail was sent and delivered, signed with each secret, as the official SDK verifies', async () => {
    await configure({ isDelivering: true });
    const id = await send('ada@example.com');
    await allOver();
    const events = SECRETS.flatMap((secret) => receiver.got.map((webhook) => verified(resend, webhook, secret)));
    const data = {
      email_id: id,
      from: 'Bellhop <hop@example.com>',
      to: ['ada@example.com'],
      subject: 'Hello',
      created_at: expect.any(String),
      tags: { delivery: 'd-1' },
    };
    expect(events).toHaveLength(4);
    expect(events).toContainEqual({ type: 'email.sent', created_at: expect.any(String), data });
    expect(events).toContainEqual({ type: 'email.delivered', created_at: expect.any(String), data });
    expect(() => verified(resend, receiver.got[0] as Webhook, secretOf('another secret'))).toThrow();
    expect((await resend.emails.get(id)).data?.last_event).toBe('delivered');
  });

  it('tell of bounces, complaints, delays, failures and suppressions by recipient', async () => {
    const fates = {
      'full@example.com': { type: 'email.bounced', extra: { bounce: { type: 'Transient', subType: 'MailboxFull' } } },
      'slow@example.com': { type: 'email.delivery_delayed' },
      'broken@example.com': { type: 'email.failed', extra: { failed: { reason: 'quota' } } },
    };
    await configure({ fates });
    const told = async (to: string) => {
      await send(to);
      const [, second] = await allOver();
      const event = receiver.got.map(({ body }) => JSON.parse(body)).find(({ type }) => type === second?.type);
      await server.clear();
      receiver.clear();
      return event;
    };
    expect(await told('full@example.com')).toMatchObject({
      type: 'email.bounced',
      data: { bounce: { type: 'Transient', subType: 'MailboxFull', message: expect.any(String) } },
    });
    expect(await told('slow@example.com')).toMatchObject({ type: 'email.delivery_delayed' });
    expect(await told('broken@example.com')).toMatchObject({
      type: 'email.failed',
      data: { failed: { reason: 'quota' } },
    });
    expect(await told('bounced+x@resend.dev')).toMatchObject({ data: { bounce: { type: 'Permanent' } } });
    expect(await told('complained@resend.dev')).toMatchObject({ type: 'email.complained' });
    expect(await told('suppressed@resend.dev')).toMatchObject({
      type: 'email.suppressed',
      data: { suppressed: { message: expect.any(String) } },
    });
  });

  it('are sent again under the same id with a fresh timestamp and signature until the receiver answers 2xx', async () => {
    await configure({ retryMs: [20, 1_000] });
    receiver.statuses.push(500, 302, 204);
    await send('ada@example.com');
    expect(await allOver()).toMatchObject([{ type: 'email.sent', statuses: [500, 302, 204] }]);
    const [first, , third] = receiver.got as [Webhook, Webhook, Webhook];
    expect(third.headers['svix-id']).toBe(first.headers['svix-id']);
    expect(Number(third.headers['svix-timestamp'])).toBeGreaterThan(Number(first.headers['svix-timestamp']));
    for (const webhook of receiver.got) expect(verified(resend, webhook, SECRETS[0] as string)).toBeDefined();
  });

  it('are given up after the last pause', async () => {
    await configure();
    receiver.statuses.push(...Array(10).fill(503));
    await send('ada@example.com');
    expect(await allOver()).toMatchObject([{ statuses: [503, 503, 503, 503] }]);
  });

  it('come twice, and in any order, when asked for', async () => {
    await configure({ duplicates: 0.5, isShuffled: true, maxInFlight: 1, seed: 5 });
    for (let number = 0; number < 30; number++) await send(`p${number}@example.com`);
    await allOver();
    expect(receiver.got.length).toBeGreaterThan(35);
    expect(new Set(receiver.got.map(({ headers }) => headers['svix-id'])).size).toBe(30);
  });

  it('can be sent by hand: twice, stale, unsigned or with a wrong signature', async () => {
    await configure();
    const id = await send('ada@example.com');
    await allOver();
    receiver.clear();
    expect(await server.webhook('email.opened', id, { copies: 2 })).toEqual([204, 204]);
    const [first, second] = receiver.got as [Webhook, Webhook];
    expect(second).toEqual(first);
    expect(verified(resend, first, SECRETS[1] as string)).toMatchObject({
      type: 'email.opened',
      data: { email_id: id, to: ['ada@example.com'] },
    });
    receiver.clear();
    await server.webhook('email.opened', id, { ageMs: 10 * 60_000 });
    await server.webhook('email.opened', id, { signature: 'none' });
    await server.webhook('email.opened', id, { signature: 'wrong' });
    const [stale, unsigned, wrong] = receiver.got as [Webhook, Webhook, Webhook];
    expect(() => verified(resend, stale, SECRETS[0] as string)).toThrow('too old');
    expect(unsigned.headers['svix-signature']).toBeUndefined();
    expect(() => verified(resend, wrong, SECRETS[0] as string)).toThrow('No matching signature');
    receiver.clear();
    await server.webhook('email.bounced', 'never-seen', { extra: { tags: { delivery: 'd-9' } } });
    expect(JSON.parse((receiver.got[0] as Webhook).body)).toMatchObject({
      data: { email_id: 'never-seen', tags: { delivery: 'd-9' } },
    });
  });

  it('end with the server', async () => {
    const other = await startResend({ webhooks: { url: receiver.url, secrets: SECRETS, retryMs: [0, 30_000] } });
    receiver.statuses.push(500, 500);
    const sdk = new Resend('re_test_key', { baseUrl: other.httpUrl });
    await sdk.emails.send({ from: 'hop@example.com', to: 'ada@example.com', subject: 'Hello', text: 'Hi' });
    await waitFor(() => receiver.got.length === 2).finally(() => other.stop());
    expect(await other.webhooks()).toEqual([]);
  });
});

interface Webhook {
  headers: IncomingHttpHeaders;
  body: string;
}

function verified(resend: Resend, { headers, body }: Webhook, webhookSecret: string) {
  const [id, timestamp, signature] = ['svix-id', 'svix-timestamp', 'svix-signature'].map(
    (name) => headers[name] as string,
  );
  return resend.webhooks.verify({ payload: body, headers: { id, timestamp, signature } as never, webhookSecret });
}

/** Keeps what it gets; answers 204, or first what is in `statuses`. */
class Receiver {
  readonly got: Webhook[] = [];
  readonly statuses: number[] = [];
  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      this.got.push({ headers: pick(request.headers), body });
      response.writeHead(this.statuses.shift() ?? 204).end();
    });
  });
  url = '';

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhooks/resend`;
  }

  clear(): void {
    this.got.length = 0;
    this.statuses.length = 0;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function pick(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('svix-')));
}
