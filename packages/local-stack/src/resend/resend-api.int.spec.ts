import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type CreateEmailOptions, Resend } from 'resend';
import { type ResendServer, startResend } from '../index.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('the Resend server, as the official SDK sees it', () => {
  let server: ResendServer;
  let resend: Resend;
  beforeAll(async () => {
    server = await startResend({ delayMs: 1 });
    resend = new Resend('re_test_key', { baseUrl: server.httpUrl });
  });
  afterEach(async () => {
    await server.forgetRules();
    await server.set({ rateLimit: undefined, quota: undefined });
    await server.clear();
  });
  afterAll(() => server.stop());

  it('takes a mail and shows it again', async () => {
    const sent = await resend.emails.send({
      ...mail('ada@example.com'),
      headers: { 'X-Kind': 'test' },
      tags: [{ name: 'delivery', value: 'd-1' }],
    });
    expect(sent.error).toBeNull();
    const [accepted] = await server.emails();
    expect(accepted).toMatchObject({
      id: sent.data?.id,
      key: null,
      from: 'Bellhop <hop@example.com>',
      to: ['ada@example.com'],
      subject: 'Hello',
      text: 'Hi',
      headers: { 'X-Kind': 'test' },
      tags: { delivery: 'd-1' },
    });
    const shown = await resend.emails.get(sent.data?.id as string);
    expect(shown.data).toMatchObject({
      object: 'email',
      to: ['ada@example.com'],
      tags: [{ name: 'delivery', value: 'd-1' }],
    });
    expect((await resend.emails.get('nobody')).error).toMatchObject({ statusCode: 404, name: 'not_found' });
  });

  it('takes a whole batch in its order, or with one bad mail in it none at all', async () => {
    const to = Array.from({ length: 100 }, (_, index) => `p${index}@example.com`);
    const sent = await resend.batch.send(to.map(mail));
    const emails = await server.emails();
    expect(sent.data?.data.map(({ id }) => id)).toEqual(emails.map(({ id }) => id));
    expect(emails.map((email) => email.to[0])).toEqual(to);
    const spoilt = await resend.batch.send([mail('ada@example.com'), mail('no address')]);
    expect(spoilt.error).toMatchObject({ statusCode: 422, name: 'validation_error' });
    expect((await resend.batch.send([...to, 'one@example.com'].map(mail))).error?.statusCode).toBe(422);
    expect((await resend.batch.send([])).error?.statusCode).toBe(422);
    expect(await server.emails()).toHaveLength(100);
  });

  it('takes the good ones of a permissive batch and names the others by their index', async () => {
    const batch = [
      mail('no address'),
      mail('ada@example.com'),
      { ...mail('jan@example.com'), subject: '' },
      mail('eve@example.com'),
    ];
    const sent = await resend.batch.send(batch, { batchValidation: 'permissive' });
    const emails = await server.emails();
    expect(emails.map((email) => email.to[0])).toEqual(['ada@example.com', 'eve@example.com']);
    expect(sent.data?.data.map(({ id }) => id)).toEqual(emails.map(({ id }) => id));
    expect(sent.data?.errors).toEqual([
      { index: 0, message: expect.stringContaining('`to`') },
      { index: 2, message: expect.stringContaining('`subject`') },
    ]);
  });

  it('says of each wrong field what is wrong, in the documented names', async () => {
    const problemOf = async (change: Record<string, unknown>) =>
      (await resend.emails.send({ ...mail('ada@example.com'), ...change } as CreateEmailOptions)).error;
    expect(await problemOf({ from: 'nobody' })).toMatchObject({ statusCode: 422, name: 'invalid_from_address' });
    expect(await problemOf({ to: [] })).toMatchObject({ name: 'missing_required_field' });
    expect(await problemOf({ to: undefined })).toMatchObject({ name: 'missing_required_field' });
    expect(await problemOf({ to: Array(51).fill('ada@example.com') })).toMatchObject({ name: 'validation_error' });
    expect(await problemOf({ to: 'ada@example.com\r\nBcc: eve@example.com' })).toMatchObject({
      name: 'validation_error',
    });
    expect(await problemOf({ subject: undefined })).toMatchObject({ name: 'missing_required_field' });
    expect(await problemOf({ text: undefined })).toMatchObject({ name: 'missing_required_field' });
    expect(await problemOf({ tags: [{ name: 'a b', value: 'c' }] })).toMatchObject({ name: 'validation_error' });
    expect(await problemOf({ tags: [{ name: 'a', value: 'ż' }] })).toMatchObject({ name: 'validation_error' });
    expect(await problemOf({ headers: { 'X-A': 'b\r\nBcc: eve@example.com' } })).toMatchObject({
      name: 'validation_error',
    });
    expect(await server.emails()).toEqual([]);
  });

  it('tells no key, a wrong key, no user agent, no such endpoint and no such method apart', async () => {
    const stranger = new Resend('re_other', { baseUrl: server.httpUrl });
    expect((await stranger.emails.send(mail('ada@example.com'))).error).toMatchObject({
      statusCode: 403,
      name: 'invalid_api_key',
    });
    const ask = async (path: string, init?: RequestInit) => {
      const answer = await fetch(`${server.httpUrl}${path}`, init);
      return { status: answer.status, ...((await answer.json()) as object) };
    };
    const authorization = 'Bearer re_test_key';
    expect(await ask('/emails', { method: 'POST' })).toMatchObject({
      status: 401,
      statusCode: 401,
      name: 'missing_api_key',
    });
    expect(await ask('/letters', { headers: { authorization } })).toMatchObject({ status: 404, name: 'not_found' });
    expect(await ask('/emails', { method: 'PUT', headers: { authorization } })).toMatchObject({
      status: 405,
      name: 'method_not_allowed',
    });
    const noJson = { method: 'POST', headers: { authorization }, body: '{' };
    expect(await ask('/emails', noJson)).toMatchObject({ status: 400, name: 'validation_error' });
    expect(await ask('/emails', { ...noJson, body: '' })).toMatchObject({ status: 400 });
    expect(await withoutUserAgent(server.port)).toBe(403);
  });

  it('gives the same answer under the same key for 24 hours, and sends nothing again', async () => {
    const send = () => resend.batch.send([mail('ada@example.com'), mail('jan@example.com')], { idempotencyKey: 'k-1' });
    const first = await send();
    await server.advance(DAY_MS - 60_000);
    expect((await send()).data).toEqual(first.data);
    expect(await server.emails()).toHaveLength(2);
    const other = await resend.emails.send(mail('eve@example.com'), { idempotencyKey: 'k-1' });
    expect(other.error).toMatchObject({ statusCode: 409, name: 'invalid_idempotent_request' });
    await server.advance(60_000);
    expect((await send()).data).not.toEqual(first.data);
    expect(await server.emails()).toHaveLength(4);
    expect((await server.emails())[0]).toMatchObject({ key: 'k-1' });
  });

  it('refuses a key whose first request is in progress, and a key that is too long', async () => {
    await server.when({ at: 'before', delayMs: 300, times: 1 });
    const send = () => resend.emails.send(mail('ada@example.com'), { idempotencyKey: 'k-2' });
    const slow = send();
    const fast = await send();
    expect([(await slow).error, fast.error].filter(Boolean)).toEqual([
      expect.objectContaining({ statusCode: 409, name: 'concurrent_idempotent_requests' }),
    ]);
    expect((await send()).data).toEqual((await slow).data ?? fast.data);
    expect(await server.emails()).toHaveLength(1);
    const long = await resend.emails.send(mail('ada@example.com'), { idempotencyKey: 'k'.repeat(257) });
    expect(long.error).toMatchObject({ statusCode: 400, name: 'invalid_idempotency_key' });
  });

  it('remembers only success: after a failure the key is free', async () => {
    const send = (to: string) => resend.emails.send(mail(to), { idempotencyKey: 'k-3' });
    expect((await send('no address')).error?.statusCode).toBe(422);
    await server.when({ at: 'before', answer: { status: 500 }, times: 1 });
    expect((await send('ada@example.com')).error?.statusCode).toBe(500);
    expect((await send('jan@example.com')).error).toBeNull();
  });

  it('limits requests per window and says in every answer what is left', async () => {
    await server.set({ rateLimit: { limit: 2, windowMs: 1_000 } });
    await server.advance(1_000);
    const send = () => resend.emails.send(mail('ada@example.com'));
    expect((await send()).headers).toMatchObject({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '1',
      'ratelimit-reset': '1',
    });
    await send();
    const refused = await send();
    expect(refused.error).toMatchObject({ statusCode: 429, name: 'rate_limit_exceeded' });
    expect(refused.headers).toMatchObject({ 'ratelimit-remaining': '0', 'retry-after': '1' });
    await server.advance(1_000);
    expect((await send()).error).toBeNull();
  });

  it('stops at a quota until it is a new day', async () => {
    await server.set({ quota: { daily: 3 } });
    await server.advance(DAY_MS);
    expect((await resend.batch.send(['a@example.com', 'b@example.com'].map(mail))).error).toBeNull();
    const refused = await resend.batch.send(['a@example.com', 'b@example.com'].map(mail));
    expect(refused.error).toMatchObject({ statusCode: 429, name: 'daily_quota_exceeded' });
    expect((await resend.emails.send(mail('c@example.com'))).error).toBeNull();
    await server.advance(DAY_MS);
    expect((await resend.emails.send(mail('d@example.com'))).error).toBeNull();
    await server.set({ quota: { monthly: 0 } });
    expect((await resend.emails.send(mail('e@example.com'))).error).toMatchObject({ name: 'monthly_quota_exceeded' });
  });
});

function mail(to: string) {
  return { from: 'Bellhop <hop@example.com>', to, subject: 'Hello', text: 'Hi' };
}

async function withoutUserAgent(port: number): Promise<number | undefined> {
  const { request } = await import('node:http');
  const headers = { authorization: 'Bearer re_test_key' };
  return new Promise((resolve, reject) => {
    const call = request({ port, host: '127.0.0.1', path: '/emails', method: 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    call.once('error', reject);
    call.end('{}');
  });
}
