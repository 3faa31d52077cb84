import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, SmtpSink, selfSigned } from '@bellhop/local-stack';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../channel.js';
import { encodeFrozenMail } from './frozen-mail.js';
import { SmtpProvider } from './smtp-provider.js';

const folder = mkdtempSync(join(tmpdir(), 'bellhop-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** Reaches this machine, and is not known to us as loopback: as a relay in the same network is. */
const ELSEWHERE = '0.0.0.0';
const localhost = selfSigned('localhost');
const fileOf = (name: string, { cert }: Certificate) => {
  const path = join(folder, name);
  writeFileSync(path, cert);
  return encodeURIComponent(path);
};

let sink: SmtpSink;
let channel: SmtpProvider;
afterEach(async () => {
  await channel?.close();
  await sink?.close();
});

async function send(url: (port: number) => string, certificate?: Certificate, name?: string): Promise<Outcome> {
  sink = await SmtpSink.start(['PIPELINING'], certificate);
  channel = new SmtpProvider({ url: url(sink.port), clientName: name, maxConnections: 1 });
  const mail = {
    envelope: { from: 'b@example.com', to: 'jana@example.com' },
    raw: Buffer.from('To: x\r\n\r\nHello\r\n'),
  };
  const [outcome] = await channel.send([{ deliveryId: 'd1', bytes: encodeFrozenMail(mail) }]);
  return outcome as Outcome;
}
const tlsFailed = { kind: 'not_sent', cause: 'tls_failed', isOurs: true };

describe('a relay without a login', () => {
  it('is used in the clear when it knows no TLS', async () => {
    expect(await send((port) => `smtp://${ELSEWHERE}:${port}`)).toMatchObject({ kind: 'accepted' });
    expect(sink.mails).toMatchObject([{ isEncrypted: false }]);
  });

  it.each([
    ['that nobody has signed', selfSigned('relay.internal.example')],
    ['of another name', selfSigned('somebody.else.example')],
  ])('is used encrypted when it does, under a certificate %s', async (_, certificate) => {
    expect(await send((port) => `smtp://${ELSEWHERE}:${port}`, certificate)).toMatchObject({ kind: 'accepted' });
    expect(sink.mails).toMatchObject([{ isEncrypted: true }]);
  });
});

describe('a certificate has to be signed', () => {
  it('where a password is sent', async () => {
    const outcome = await send((port) => `smtp://user:pass@${ELSEWHERE}:${port}`, localhost);
    expect(outcome).toEqual(tlsFailed);
  });

  it('by whom ?ca= names: it is, and its name is the host', async () => {
    const ca = fileOf('right.pem', localhost);
    expect(await send((port) => `smtp://localhost:${port}?ca=${ca}`, localhost)).toMatchObject({ kind: 'accepted' });
    expect(sink.mails).toMatchObject([{ isEncrypted: true }]);
  });

  it('by whom ?ca= names: it is not', async () => {
    const ca = fileOf('other.pem', selfSigned('localhost'));
    expect(await send((port) => `smtp://localhost:${port}?ca=${ca}`, localhost)).toEqual(tlsFailed);
  });

  it('by whom ?ca= names: it is, but for another host', async () => {
    const other = selfSigned('relay.example.com');
    const ca = fileOf('name.pem', other);
    expect(await send((port) => `smtp://localhost:${port}?ca=${ca}`, other)).toEqual(tlsFailed);
  });

  it('by whom ?ca= names: a server without TLS gets nothing', async () => {
    const ca = fileOf('none.pem', localhost);
    expect(await send((port) => `smtp://localhost:${port}?ca=${ca}`)).toMatchObject({ kind: 'not_sent' });
    expect(sink.mails).toEqual([]);
  });
});

describe('what we call ourselves', () => {
  it('is the name that we were given, before and after STARTTLS', async () => {
    await send((port) => `smtp://127.0.0.1:${port}`, localhost, 'example.com');
    expect(sink.clients).toEqual(['example.com', 'example.com']);
  });

  it('is what EMAIL_URL says, if it does', async () => {
    await send((port) => `smtp://127.0.0.1:${port}?name=mail.example.com`, undefined, 'example.com');
    expect(sink.clients).toEqual(['mail.example.com']);
  });
});
