import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';

const script = fileURLToPath(new URL('../dist/preview.js', import.meta.url));
const running: ChildProcess[] = [];

afterEach(async () => {
  for (const child of running.splice(0)) {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  }
});

/** Starts the preview as `npm run emails` does; resolves with the address that it prints. */
async function startPreview(port: number): Promise<string> {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  let printed = '';
  for await (const chunk of child.stdout!) {
    printed += chunk;
    const address = /http:\/\/localhost:\d+/.exec(printed)?.[0];
    if (address) return address;
  }
  throw new Error(`dist/preview.js ended without an address: build this package first. It said: ${printed}`);
}

/** The address of every mail that can be reached by following links. */
async function follow(address: string): Promise<Set<string>> {
  const found = new Set(['']);
  for (const id of found) {
    const html = await (await fetch(`${address}/?id=${id}`)).text();
    for (const [, next] of html.matchAll(/href="\/\?id=([\w.-]+)&/g)) found.add(next!);
  }
  return found;
}

it('shows each mail, its text and what it looks like in the dark', async () => {
  const address = await startPreview(0);
  const ids = await follow(address);
  expect(ids.size).toBeGreaterThan(120);
  expect(ids).toContain('replied.guest.pl.few');
  expect(ids).toContain('promise_at_risk.agent.zh-CN.deadline');
  expect(ids).toContain('code.guest.pl.many');
  expect(ids).toContain('link.guest.de');
  expect(ids).toContain('created.customer.en.phrase');
  expect(ids).toContain('information_requested.customer.pl.deadline.phrase');

  const shown = await (await fetch(`${address}/?id=information_requested.guest.en.deadline`)).text();
  expect(shown).toContain('Please answer by: Tuesday');

  const withPhrase = await (await fetch(`${address}/?id=created.customer.en.phrase`)).text();
  expect(withPhrase).toContain('Your anti-phishing phrase: blue teapot 42');

  const code = await (await fetch(`${address}/mail.txt?id=code.guest.en.other`)).text();
  expect(code).toMatch(/@support\.example\.com #480217\n$/);

  const mail = await (await fetch(`${address}/mail.html?id=replied.guest.pl.few&scheme=dark`)).text();
  expect(mail).toContain('Masz 2\u00A0nowe odpowiedzi');
  expect(mail).toContain('@media all{');
  const text = await (await fetch(`${address}/mail.txt?id=replied.guest.pl.few`)).text();
  expect(text).toContain('Masz 2\u00A0nowe odpowiedzi');
});

it('takes the next port when one is in use', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  try {
    const address = await startPreview(port);
    expect(Number(new URL(address).port)).toBeGreaterThan(port);
  } finally {
    holder.close();
  }
});
