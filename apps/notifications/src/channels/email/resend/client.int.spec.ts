import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Resend } from 'resend';
import { listen } from '../../../../test/resend-bench.js';
import { HttpTransport, NoAnswer } from '../../http.js';
import { ResendClient } from './client.js';

const OPTIONS = { timeouts: { connectMs: 5_000, answerMs: 5_000 }, maxConnections: 2, maxAnswerBytes: 4_096 };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A client, and what a server sees of it. */
async function talk(answer: { status?: number; body: string }) {
  const seen: { path: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
  const listener = await listen(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    seen.push({ path: request.url, headers: request.headers, body: Buffer.concat(pieces).toString('latin1') });
    response.writeHead(answer.status ?? 200, { 'Retry-After': '7' }).end(answer.body);
  });
  const origin = `http://127.0.0.1:${listener.port}`;
  const http = new HttpTransport(OPTIONS);
  cleanups.push(listener.close, () => http.close());
  return { client: new ResendClient({ origin, apiKey: 're_key' }, http), http, seen };
}

/** JSON that nobody would write anew like this: its order, white space, escapes, a member twice, bytes that are no UTF-8. */
const ODD = Buffer.from('{ "to":["\\u0061@x.io"],\r\n\t"from" : "\xe9","a":1.0, "a":1e400 }', 'latin1');

describe("Resend's client over our transport", () => {
  it('sends the frozen bytes as they are, under their key', async () => {
    const { client, seen } = await talk({ body: '{"id":"a"}' });
    expect(await client.sendFrozen([ODD], 'key-1')).toMatchObject({ data: { id: 'a' }, error: null });
    await client.sendFrozen([ODD, ODD], 'key-2');
    expect(seen.map(({ path, body }) => [path, body])).toEqual([
      ['/emails', ODD.toString('latin1')],
      ['/emails/batch', `[${ODD.toString('latin1')},${ODD.toString('latin1')}]`],
    ]);
    const common = { authorization: 'Bearer re_key', 'content-type': 'application/json', 'user-agent': 'bellhop' };
    expect(seen[0]?.headers).toMatchObject({ ...common, 'idempotency-key': 'key-1' });
    expect(seen[0]?.headers).not.toHaveProperty('x-batch-validation');
    expect(seen[1]?.headers).toMatchObject({
      ...common,
      'idempotency-key': 'key-2',
      'x-batch-validation': 'permissive',
    });
    expect(seen[1]?.headers['content-length']).toBe(String(ODD.length * 2 + 3));
  });

  it('gives an answer in the form of the SDK, with its status and its headers', async () => {
    const { client } = await talk({
      status: 422,
      body: '{"statusCode":200,"name":"validation_error","message":"No."}',
    });
    expect(await client.emails.get('e-1')).toEqual({
      data: null,
      error: { statusCode: 422, name: 'validation_error', message: 'No.' },
      headers: expect.objectContaining({ 'retry-after': '7' }),
    });
  });

  it('throws where no answer has come, and keeps the error below', async () => {
    const { client, http } = await talk({ body: '{}' });
    http.close();
    await expect(client.sendFrozen([ODD], 'key')).rejects.toMatchObject({ fault: { cause: 'closed', hasLeft: false } });
    const nobody = new HttpTransport(OPTIONS);
    cleanups.push(() => nobody.close());
    const error = await new ResendClient({ origin: 'http://127.0.0.1:1', apiKey: 're_key' }, nobody).emails
      .get('e-1')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NoAnswer);
    expect(error).toMatchObject({ fault: { cause: 'unreachable', hasLeft: false }, cause: { code: 'ECONNREFUSED' } });
  });

  it('which alone answers alike when nothing has left and when the answer was lost', async () => {
    const listener = await listen((request) => void request.socket.destroy());
    cleanups.push(listener.close);
    const alone = (port: number) => new Resend('re_key', { baseUrl: `http://127.0.0.1:${port}` }).emails.get('e-1');
    expect(await alone(listener.port)).toEqual(await alone(1));
  });

  it('takes nothing from the environment', async () => {
    const names = ['RESEND_API_KEY', 'RESEND_BASE_URL', 'RESEND_USER_AGENT'];
    for (const name of names) process.env[name] = 'http://127.0.0.1:1';
    cleanups.push(() => names.forEach((name) => void delete process.env[name]));
    const { client, seen } = await talk({ body: '{"id":"a"}' });
    expect(await client.sendFrozen([ODD], 'key-1')).toMatchObject({ error: null });
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer re_key', 'user-agent': 'bellhop' });
  });
});
