import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, type ResendServer, startResend, waitFor } from '../index.js';

describe('the Resend server as a process of its own', () => {
  let server: ResendServer;
  beforeAll(async () => {
    server = await startResend({ isProcess: true });
  });
  afterEach(async () => {
    await server.forgetRules();
    await server.clear();
  });
  afterAll(() => server.stop());

  const send = async (to: string[], key: string, signal?: AbortSignal) => {
    const answer = await fetch(`${server.httpUrl}/emails/batch`, {
      method: 'POST',
      headers: { authorization: 'Bearer re_test_key', 'idempotency-key': key },
      body: JSON.stringify(
        to.map((address) => ({ from: 'hop@example.com', to: address, subject: 'Hello', text: 'Hi' })),
      ),
      ...(signal && { signal }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const addresses = async () => (await server.emails()).flatMap((email) => email.to);

  it('takes mails, rules, settings and the clock like the one in process', async () => {
    const many = Array.from({ length: 700 }, (_, index) => `p${index}@example.com`);
    for (let from = 0; from < 700; from += 100) await send(many.slice(from, from + 100), `k-${from}`);
    expect(await addresses()).toEqual(many);
    expect((await server.emails({ isBrief: true }))[699]).toMatchObject({ text: null, subject: 'Hello' });
    await server.when({ at: 'before', answer: { status: 503 }, times: 1 });
    expect((await send(['ada@example.com'], 'k')).status).toBe(503);
    expect((await server.requests()).at(-1)).toMatchObject({ path: '/emails/batch', key: 'k', outcome: 503 });
    await server.set({ quota: { daily: 0 } });
    expect((await send(['ada@example.com'], 'k')).text).toContain('daily_quota_exceeded');
    await server.set({ quota: undefined });
    const first = await send(['ada@example.com'], 'k');
    expect(await send(['ada@example.com'], 'k')).toEqual(first);
    await server.advance(24 * 60 * 60 * 1_000);
    expect(await send(['ada@example.com'], 'k')).not.toEqual(first);
    await server.clear();
    expect(await server.emails()).toEqual([]);
  });

  it('knows after a kill what it had accepted, and under which key', async () => {
    const first = await send(['ada@example.com', 'jan@example.com'], 'k-1');
    await server.when({ at: 'after', answer: 'hang' });
    const lost = send(['eve@example.com'], 'k-2').catch(() => 'lost');
    await waitFor(async () => (await server.emails()).length === 3);
    await server.kill();
    expect(await lost).toBe('lost');
    await expect(send(['ada@example.com'], 'k-1')).rejects.toThrow();
    await server.resume();
    expect(await send(['ada@example.com', 'jan@example.com'], 'k-1')).toEqual(first);
    expect((await send(['eve@example.com'], 'k-2')).status).toBe(200);
    expect(await addresses()).toEqual(['ada@example.com', 'jan@example.com', 'eve@example.com']);
  });

  it('sends after a kill the webhooks that nobody had taken before', async () => {
    const port = await freePort();
    const secrets = [`whsec_${Buffer.from('a secret').toString('base64')}`];
    const webhooks = { url: `http://127.0.0.1:${port}`, secrets, retryMs: Array(50).fill(100) };
    await server.set({ webhooks });
    await send(['ada@example.com'], 'k');
    await waitFor(async () => (await server.webhooks())[0]?.statuses.length);
    await server.kill();
    const got: { type: string }[] = [];
    const receiver = createServer(async (request, response) => {
      const chunks = await request.toArray();
      got.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.end();
    }).listen(port, '127.0.0.1');
    await once(receiver, 'listening');
    await server.resume();
    await waitFor(() => got.length > 0);
    expect(got).toMatchObject([{ type: 'email.sent', data: { to: ['ada@example.com'] } }]);
    receiver.close();
    receiver.closeAllConnections();
    await server.set({ webhooks: undefined });
  });

  it('keeps what it was set to through a kill', async () => {
    await server.set({ quota: { daily: 0 } });
    await server.kill();
    await server.resume();
    expect((await send(['ada@example.com'], 'k')).status).toBe(429);
    await server.set({ quota: undefined });
    expect((await send(['ada@example.com'], 'k')).status).toBe(200);
  });

  it('says nothing while frozen, and answers when thawed', async () => {
    await server.freeze();
    await expect(send(['ada@example.com'], 'k', AbortSignal.timeout(100))).rejects.toThrow();
    const patient = send(['jan@example.com'], 'k-2');
    await server.thaw();
    expect((await patient).status).toBe(200);
    await waitFor(async () => (await server.requests()).length >= 1);
  });

  it('answers tests while it is paused', async () => {
    await send(['ada@example.com'], 'k');
    await server.pause();
    await expect(send(['ada@example.com'], 'k')).rejects.toThrow();
    expect(await addresses()).toEqual(['ada@example.com']);
    await server.resume();
    expect((await send(['ada@example.com'], 'k')).status).toBe(200);
  });
});
