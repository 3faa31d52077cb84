import { createSocket, type Socket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DnsUnavailableError, parseNameServers, publicKeyOf, txtLookup } from './public-keys.js';

const ED25519 = ['v=DKIM1; k=ed25519; ', 'p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='];
const NO_SUCH_NAME = 3;
const SERVER_FAILED = 2;

let server: Socket;
let asked: string[];
/** A TXT record in pieces, a code of RFC 1035 §4.1.1, or nothing at all. */
let answer: readonly string[] | number | 'silence';
let servers: string[];

/** A name server that speaks as much of DNS as one question needs. */
beforeEach(async () => {
  asked = [];
  server = createSocket('udp4').on('message', (query, { port, address }) => {
    asked.push(nameIn(query));
    if (answer !== 'silence') server.send(replyTo(query), port, address);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  servers = [`127.0.0.1:${server.address().port}`];
});
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

const HEAD_BYTES = 12;

/** `\4mail\7example\0` → `mail.example`. */
function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = HEAD_BYTES; query[at]; at += 1 + (query[at] as number)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] as number)));
  }
  return labels.join('.');
}

function replyTo(query: Buffer): Buffer {
  const pieces = typeof answer === 'object' ? answer : [];
  const head = Buffer.from(query.subarray(0, HEAD_BYTES));
  head.writeUInt16BE(0x8180 | (typeof answer === 'number' ? answer : 0), 2);
  head.writeUInt16BE(pieces.length > 0 ? 1 : 0, 6);
  head.writeUInt16BE(0, 10);
  const end = query.indexOf(0, HEAD_BYTES) + 5;
  const data = Buffer.concat(pieces.map((piece) => Buffer.from([piece.length, ...Buffer.from(piece)])));
  // The name as a pointer to the question, TXT, IN, a minute.
  const record = Buffer.from([0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255]);
  return Buffer.concat([head, query.subarray(HEAD_BYTES, end), ...(pieces.length > 0 ? [record, data] : [])]);
}

const lookUp = () => publicKeyOf(txtLookup(servers), 'brisbane', 'football.example.com');

describe('the key of a signature', () => {
  it('is looked up under its selector, and put together from the pieces of the record', async () => {
    answer = ED25519;
    expect((await lookUp())?.asymmetricKeyType).toBe('ed25519');
    expect(asked).toEqual(['brisbane._domainkey.football.example.com']);
  });

  it.each<[string, number | readonly string[]]>([
    ['there is no such name', NO_SUCH_NAME],
    ['the name has no such record', []],
  ])('is none where %s', async (_, said) => {
    answer = said;
    expect(await lookUp()).toBeNull();
  });

  it('is not known where the name server fails', async () => {
    answer = SERVER_FAILED;
    await expect(lookUp()).rejects.toThrow(DnsUnavailableError);
  });

  it('is not known where nobody answers, which takes three seconds at most', async () => {
    answer = 'silence';
    const start = performance.now();
    await expect(lookUp()).rejects.toThrow(DnsUnavailableError);
    expect(performance.now() - start).toBeLessThan(4_500);
  });
});

describe('name servers', () => {
  it('are read from the settings as they are written', () => {
    expect(parseNameServers('192.0.2.53, [2001:db8::53]:5353')).toEqual(['192.0.2.53', '[2001:db8::53]:5353']);
  });

  it.each(['dns.example.com', '192.0.2.53,', '192.0.2.53 192.0.2.54'])('are no %j', (setting) => {
    expect(() => parseNameServers(setting)).toThrow('must be addresses of name servers');
  });
});
