import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCRIPT, startEdge, type TestEdge } from './running-edge.js';

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge?.stop());

const ask = (path: string, init?: RequestInit) => fetch(edge.url + path, init);

async function titleOf(path: string, language = ''): Promise<string> {
  const answer = await ask(path, { headers: { 'accept-language': language } });
  return /<title>(.*)<\/title>/.exec(await answer.text())?.[1] ?? '';
}

/** `fetch` would unpack the body. */
function encodingOf(path: string, accepted: string): Promise<{ encoding?: string; type?: string; bytes: number }> {
  return new Promise((resolve, reject) => {
    get(edge.url + path, { headers: { 'accept-encoding': accepted } }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      const { 'content-encoding': encoding, 'content-type': type } = response.headers;
      response.on('end', () => resolve({ bytes, ...(encoding && { encoding }), ...(type && { type }) }));
    }).on('error', reject);
  });
}

/** `fetch` would ask for a copy that no cache has. */
function statusWith(path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(edge.url + path, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

describe('the pages', () => {
  it.each(['/', '/tickets', '/tickets/0199-aa', '/desk?queue=mine', '/settings/devices'])(
    'answers %s with the application, which is asked for again each time',
    async (path) => {
      const answer = await ask(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(await answer.text()).toContain('<title>index</title>');
    },
  );

  it('lets pages load and do nothing but what comes from here', async () => {
    const { headers } = await ask('/t/abc');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; manifest-src 'self'; " +
        "worker-src 'self'; font-src 'self'; form-action 'self' https://login.example.com; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-robots-tag')).toBe('noindex');
  });

  it.each([
    ['/t/abc', 'de-AT,de;q=0.9,en;q=0.8', 'door de'],
    ['/t/abc', 'en;q=0.1,zh;q=0.9', 'door zh-CN'],
    ['/t/abc', 'de;q=0,fr', 'door'],
    ['/t/abc?lang=zh-CN', 'de', 'door zh-CN'],
    ['/t/abc?lang=../index', 'de', 'door de'],
    ['/t/abc?lang=de&lang=zh', '', 'door'],
    ['/t/abc', '', 'door'],
  ])('opens the door %s in the language of %j: %s', async (path, language, title) => {
    expect(await titleOf(path, language)).toBe(title);
  });

  it('sends the door of each language only to those who read it, also from a cache', async () => {
    expect((await ask('/t/abc')).headers.get('vary')).toMatch(/accept-language/i);
  });

  it('keeps a file whose name changes with its content for ever, and sends it compressed', async () => {
    const answer = await ask('/assets/index-4f2a81c0.js');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await answer.text()).toBe(SCRIPT);
    const type = 'application/javascript; charset=utf-8';
    for (const [accepted, encoding] of [
      ['gzip, br', 'br'],
      ['gzip', 'gzip'],
    ] as const) {
      const sent = await encodingOf('/assets/index-4f2a81c0.js', accepted);
      expect(sent).toEqual({ encoding, type, bytes: expect.any(Number) });
      expect(sent.bytes).toBeLessThan(200);
    }
    expect(await encodingOf('/assets/index-4f2a81c0.js', 'identity')).toEqual({ type, bytes: SCRIPT.length });
  });

  it.each(['/sw.js', '/manifest.webmanifest'])('asks for %s each time', async (path) => {
    const headers = { 'accept-encoding': 'br' };
    const answer = await ask(path, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(await statusWith(path, { ...headers, 'if-none-match': answer.headers.get('etag') as string })).toBe(304);
  });

  it.each([
    '/assets/index-of-an-older-release.js',
    '/assets/',
    '/assets/index-4f2a81c0.js.br',
    '/assets/../index.html.gz',
    '/assets/..%2findex.html',
    '/assets/%2e%2e/index.html',
    '/favicon.ico',
    '/index.html',
    '/door.html',
    '/etc/passwd.txt',
    '/api/unknown',
    '/api',
    '/auth/unknown',
    '/metrics.json',
  ])('has nothing at %s, and no page in its place', async (path) => {
    const answer = await ask(path, { redirect: 'manual' });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'not_found' });
  });

  it.each(['POST', 'PUT', 'DELETE'])('refuses %s to a page', async (method) => {
    expect((await ask('/tickets', { method })).status).toBe(404);
  });

  it('says whether it is ready, and tells its metrics on the inner port only', async () => {
    expect(await (await ask('/readyz')).json()).toEqual({ ready: true });
    expect((await ask('/metrics')).headers.get('content-type')).toContain('text/html');
    const inner = await (await fetch(`${edge.opsUrl}/metrics`)).text();
    expect(inner).toContain('bellhop_http_request_duration_seconds_count');
    const { degraded } = (await (await fetch(`${edge.opsUrl}/readyz`)).json()) as { degraded: { name: string }[] };
    expect(degraded.map(({ name }) => name)).toEqual(['tickets', 'notifications', 'guest-auth', 'openid']);
  });

  it('S5 writes no link of a guest into its metrics', async () => {
    await ask('/t/secret-link-token');
    expect(await (await fetch(`${edge.opsUrl}/metrics`)).text()).not.toContain('secret-link-token');
  });
});
