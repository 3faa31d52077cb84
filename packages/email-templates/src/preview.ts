import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeCodeCopy } from './code-copy.js';
import { composeCopy } from './copy.js';
import { page, schemes, widths } from './preview/page.js';
import { allSamples, type Sample } from './preview/samples.js';
import { renderCompiled } from './render-alert.js';

/** Shows every mail in a browser: `node dist/preview.js`, on PORT or the next free port from 3010. Loopback only. */
const samples = allSamples();
const server = createServer((request, response) => answer(request, response));
const port = await listen(server, Number(process.env.PORT ?? 3010));
process.stdout.write(`${samples.length} e-mail previews: http://localhost:${port}/ (Ctrl-C ends)\n`);

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const sample = samples.find(({ id }) => id === url.searchParams.get('id')) ?? samples[0]!;
  const scheme = oneOf(schemes, url.searchParams.get('scheme'), 'light');
  const width = oneOf(widths, url.searchParams.get('width'), '640');
  const alert = alertOf(sample);
  const body = new Map([
    ['/', () => page({ sample, alert, preheader: preheaderOf(sample), width, scheme }, samples)],
    ['/mail.html', () => inScheme(alert.html, url.searchParams.get('scheme'))],
    ['/mail.txt', () => alert.text],
  ]).get(url.pathname);
  const type = url.pathname.endsWith('.txt') ? 'text/plain' : 'text/html';
  response.writeHead(body ? 200 : 404, { 'content-type': `${type}; charset=utf-8` });
  response.end(body ? body() : 'Not found. See /');
}

function alertOf({ variant, values }: Sample) {
  return renderCompiled(variant, values);
}

function preheaderOf({ variant: { template, ...variant }, values }: Sample): string {
  const copy =
    template === 'code'
      ? composeCodeCopy({ ...variant, template }, values)
      : composeCopy({ ...variant, template }, values);
  return copy.preheader;
}

/** Forces a colour scheme, whatever the browser prefers. Without one: the mail as it is sent. */
function inScheme(html: string, scheme: string | null): string {
  if (scheme === null) return html;
  const query = scheme === 'dark' ? 'all' : 'not all';
  return html
    .replace('(prefers-color-scheme:dark)', query)
    .replace('color-scheme:light dark;', `color-scheme:${scheme};`)
    .replace('name="color-scheme" content="light dark"', `name="color-scheme" content="${scheme}"`);
}

function oneOf(known: readonly string[], wanted: string | null, otherwise: string): string {
  return wanted !== null && known.includes(wanted) ? wanted : otherwise;
}

function listen(target: Server, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    target.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(listen(target, wanted + 1));
      else reject(error);
    });
    target.listen(wanted, '127.0.0.1', () => resolve((target.address() as AddressInfo).port));
  });
}
