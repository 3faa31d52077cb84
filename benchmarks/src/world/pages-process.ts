/** Many pages that read the stream of their feed, in one process: it notes when each of them hears of something. */
import { get, type IncomingMessage } from 'node:http';
import type { PagesOrder, PagesReport } from './pages.js';

const OPENED_AT_ONCE = 100;
const HINT = 'event: feed';

const streams: IncomingMessage[] = [];
let heardAt: number[] = [];
/** How many have to hear of it before that is reported. */
let expected = 0;

process.on('message', (order: PagesOrder) => {
  if (order.kind === 'open') void openAll(order.url, order.tokens).then((count) => report({ kind: 'open', count }));
  else if (order.kind === 'listen') {
    heardAt = [];
    expected = order.count;
    report({ kind: 'listening' });
  }
});
process.once('disconnect', () => process.exit(0));

async function openAll(url: string, tokens: readonly string[]): Promise<number> {
  const left = tokens.values();
  const one = async () => {
    for (const token of left) streams.push(await open(url, token));
  };
  await Promise.all(Array.from({ length: OPENED_AT_ONCE }, one));
  return streams.length;
}

/** Resolves with the first hint: how the feed stands. */
function open(url: string, token: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const request = get(url, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${url}: ${response.statusCode}`));
      response.setEncoding('latin1').on('data', (text: string) => {
        if (!text.includes(HINT)) return;
        resolve(response);
        hear();
      });
    });
    request.on('error', reject);
  });
}

function hear(): void {
  if (expected === 0) return;
  heardAt.push(Date.now());
  if (heardAt.length < expected) return;
  expected = 0;
  report({ kind: 'heard', at: heardAt });
}

function report(message: PagesReport): void {
  process.send?.(message);
}
