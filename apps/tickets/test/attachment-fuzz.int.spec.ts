import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type RunningTickets, runningTickets } from './running-tickets.js';

/** Together 10,000. */
const RUNS = 250;
const AT_ONCE = 40;
const PATIENCE_MS = 15_000;

const oneOf = fc.constantFrom;
const junk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

const BOUNDARIES = [
  'X',
  '----WebKitFormBoundary7MA4YWxk',
  'a b',
  "'()+_,-./:=?",
  'X'.repeat(70),
  'X'.repeat(5_000),
  '-',
  '--',
];
const contentType = fc.oneof(
  {
    weight: 12,
    arbitrary: oneOf('plain', 'quoted').map(
      (how) => (boundary: string) => `multipart/form-data; boundary=${how === 'quoted' ? `"${boundary}"` : boundary}`,
    ),
  },
  oneOf(
    'multipart/form-data',
    'multipart/form-data;',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary="X',
    'multipart/form-data; boundary=X; boundary=Y',
    "multipart/form-data; charset=utf-16; boundary*=utf-8''%58",
    'MULTIPART/FORM-DATA;BOUNDARY=X',
    'multipart/form-data; boundary=%00',
    'multipart/mixed; boundary=X',
    'multipart/form-datax; boundary=X',
    'application/json',
    'text/plain',
    '',
  ).map((type) => () => type),
);

const FILE = 'content-disposition: form-data; name="file"; filename="a.txt"';
const partHeader = fc.oneof(
  { weight: 20, arbitrary: oneOf(FILE) },
  oneOf(
    'content-disposition: form-data; name="file"',
    'content-disposition: form-data; filename="a.txt"',
    'content-disposition: form-data',
    'content-disposition: attachment; name="file"; filename="a.txt"',
    'content-disposition: form-data; name="__proto__"; filename="a"',
    'content-disposition: form-data; name="file"; filename=""',
    'content-disposition: form-data; name="file"; filename="../../../etc/passwd"',
    'content-disposition: form-data; name="file"; filename="a\0b.txt"',
    'content-disposition: form-data; name="file"; filename="a\rb\nc.txt"',
    'content-disposition: form-data; name="file"; filename="a',
    'content-disposition: form-data; name="file"; filename*=utf-8\'\'%E2%80%AEgnp.exe',
    'content-disposition: form-data; name="file"; filename*=nonsense\'x\'%ff%00',
    `content-disposition: form-data; name="file"; filename="${'a'.repeat(3_000)}"`,
    `content-disposition: form-data; name="file"; filename="${'a'.repeat(100_000)}"`,
    'content-type: multipart/mixed; boundary=Y',
    'content-type: text/plain; charset=utf-7',
    'content-transfer-encoding: base64',
    'content-disposition:',
    ': nothing',
    'no colon at all',
    ' folded',
    `${Array.from({ length: 60 }, (_, n) => `x-${n}: y`).join('\r\n')}`,
  ),
  junk,
);
const content = fc.oneof(
  oneOf(
    'hello',
    '',
    '--X',
    '\r\n--X',
    '\r\n--X-',
    '\r\n\r\n',
    '\0'.repeat(50),
    'x'.repeat(70_000),
    '--Y\r\ncontent-disposition: file; filename="b"\r\n\r\nb\r\n--Y--',
  ),
  junk,
);
const part = fc.record({ headers: fc.array(partHeader, { maxLength: 3 }), content });
const body = fc.record({
  parts: fc.oneof(
    { weight: 3, arbitrary: fc.array(part, { minLength: 1, maxLength: 1 }) },
    fc.array(part, { maxLength: 4 }),
  ),
  before: fc.oneof({ weight: 4, arbitrary: oneOf('') }, junk),
  end: oneOf('--\r\n', '--', '-', '', '--\r\nepilogue', '\r\n'),
  lineEnd: fc.oneof({ weight: 9, arbitrary: oneOf('\r\n') }, oneOf('\n', '\r')),
  cutAt: fc.oneof({ weight: 4, arbitrary: oneOf(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
});
const sending = fc.record({
  boundary: oneOf(...BOUNDARIES),
  contentType,
  body,
  framing: oneOf(
    'exact',
    'exact',
    'exact',
    'exact',
    'exact',
    'chunked',
    'chunked',
    'too short',
    'too long',
    'broken chunks',
    'none',
  ),
  pieces: fc.integer({ min: 1, max: 4 }),
  more: oneOf(
    '',
    '',
    '',
    'content-encoding: gzip\r\n',
    'expect: 100-continue\r\n',
    'idempotency-key: k\r\n',
    'idempotency-key: 0199f3a0-2b1c-7b0a-8c55-6f0d2f7f1a90\r\n',
  ),
});
type Sending = typeof sending extends fc.Arbitrary<infer T> ? T : never;

let tickets: RunningTickets;
let token: string;
beforeAll(async () => {
  tickets = await runningTickets({ config: { ATTACHMENTS_UNSENT_BYTES: 1e12 } });
  token = await tickets.token('ada@example.com');
});
afterAll(() => tickets?.stop());

function bytesOf({
  boundary,
  contentType: typeOf,
  body: { parts, before, end, lineEnd, cutAt },
  framing,
  more,
}: Sending): Buffer {
  const texts = parts.map(
    (one) => `--${boundary}${lineEnd}${one.headers.join(lineEnd)}${lineEnd}${lineEnd}${one.content}${lineEnd}`,
  );
  const whole = Buffer.from(`${before}${texts.join('')}--${boundary}${end}`, 'latin1');
  const sent = whole.subarray(0, Math.ceil(whole.length * cutAt));
  const framed = {
    exact: [`content-length: ${sent.length}`, sent],
    'too short': [`content-length: ${Math.floor(sent.length / 2)}`, sent],
    'too long': [`content-length: ${sent.length + 100}`, sent],
    chunked: [
      'transfer-encoding: chunked',
      Buffer.concat([
        Buffer.from(`${sent.length.toString(16)}\r\n`),
        sent,
        Buffer.from(sent.length > 0 ? '\r\n0\r\n\r\n' : '\r\n'),
      ]),
    ],
    'broken chunks': ['transfer-encoding: chunked', Buffer.concat([Buffer.from('5\r\n'), sent])],
    none: ['x-none: 1', sent],
  }[framing] as [string, Buffer];
  const type = typeOf(boundary);
  const head = `POST /attachments HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer ${token}\r\n${type && `content-type: ${type}\r\n`}${more}${framed[0]}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), framed[1]]);
}

/** The status of the first final answer; 0 when the connection ended without one. Never, and it fails. */
function statusOf(sent: Sending): Promise<number> {
  const bytes = bytesOf(sent);
  const { hostname, port } = new URL(tickets.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    const late = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer within ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    // A connection that is reset has been answered, or ended, all the same.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(late);
      const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
      resolve(statuses.find((status) => status >= 200) ?? 0);
    });
    const step = Math.max(1, Math.ceil(bytes.length / sent.pieces));
    for (let at = 0; at < bytes.length; at += step) socket.write(bytes.subarray(at, at + step));
    // Where more is announced than comes: anywhere else this would be taken for somebody who goes away.
    if (sent.framing.startsWith('too long') || sent.framing === 'broken chunks') socket.end();
  });
}

const files = async () => {
  const found = await readdir(tickets.folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
};
const handles = () =>
  readdir('/proc/self/fd').then(
    (all) => all.length,
    () => 0,
  );

describe('S17 any bytes as a file', () => {
  it(`(${RUNS * AT_ONCE} times) is answered, never with a fault of ours, and leaves nothing but whole files`, async () => {
    const { dataSource } = tickets.database;
    const nothingIsLeft = async () => {
      await dataSource.query('delete from attachments where key is not null');
      return (await dataSource.query('select 1 from attachments')).length === 0;
    };
    const seen = new Map<number, number>();
    await Promise.all(fc.sample(sending, AT_ONCE).map(statusOf));
    await waitFor(nothingIsLeft);
    const [before, filesBefore] = [await handles(), (await files()).length];
    await fc.assert(
      fc.asyncProperty(fc.array(sending, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (all) => {
        for (const status of await Promise.all(all.map(statusOf))) {
          expect(status).toBeLessThan(500);
          expect(status).not.toBe(429);
          seen.set(status, (seen.get(status) ?? 0) + 1);
        }
        // Also what somebody has sent who did not wait for the answer.
        await waitFor(nothingIsLeft, { what: 'all room to be free again' });
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    console.log(`answers: ${JSON.stringify(Object.fromEntries(seen))}`);
    for (const status of [201, 400, 415, 422]) expect(seen.get(status)).toBeGreaterThan(20);
    await waitFor(async () => (await handles()) <= before + 5, { what: 'all handles to be closed' });
    const left = await files();
    expect(left.every((name) => /^[0-9a-f]{32}$/.test(name))).toBe(true);
    expect(left.length - filesBefore).toBeLessThanOrEqual(seen.get(201) ?? 0);
    expect(await readdir(`${tickets.folder}/incoming`)).toEqual([]);
  }, 900_000);
});
