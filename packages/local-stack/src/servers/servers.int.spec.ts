import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { waitFor } from '../wait-for.js';
import { type Mailbox, startMailbox } from './mailbox.js';
import { greeting, type NatsServer, startNats } from './nats.js';
import { type PostgresServer, startPostgres, withClient } from './postgres.js';

describe('Postgres', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  it('creates databases with a given name once, and with a name of its own each time', async () => {
    const first = await postgres.createDatabase('orders');
    expect(await postgres.createDatabase('orders')).toBe(first);
    expect(await postgres.createDatabase()).not.toBe(await postgres.createDatabase());
  });

  it('keeps committed data through a pause and through a kill, on the same port', async () => {
    const url = await postgres.createDatabase();
    await withClient(url, (c) => c.query('create table kept as select 1 as value'));
    await postgres.pause();
    await expect(withClient(url, (c) => c.query('select 1'))).rejects.toThrow('ECONNREFUSED');
    await postgres.resume();
    await withClient(url, (c) => c.query('insert into kept values (2)'));
    await postgres.kill();
    await postgres.resume();
    const { rows } = await withClient(url, (c) => c.query('select value from kept order by 1'));
    expect(rows).toEqual([{ value: 1 }, { value: 2 }]);
  });

  it('deletes its data when stopped', async () => {
    const other = await startPostgres();
    const { rows } = await withClient(other.url, (client) => client.query('show data_directory'));
    expect(existsSync(rows[0].data_directory)).toBe(true);
    await other.stop();
    expect(existsSync(rows[0].data_directory)).toBe(false);
  });
});

describe('NATS', () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(() => nats.stop());

  it('serves JetStream, and comes back on the same port after a pause and after a kill', async () => {
    for (const end of [nats.pause, nats.kill]) {
      await end();
      await expect(connect({ servers: nats.url, reconnect: false })).rejects.toThrow();
      await nats.resume();
      const connection = await connect({ servers: nats.url });
      const info = await connection.request('$JS.API.INFO', undefined, { timeout: 2_000 });
      expect(info.json()).toMatchObject({ type: 'io.nats.jetstream.api.v1.account_info_response' });
      await connection.close();
    }
  });
});

it.each(['', 'HTTP/1.1 400 Bad Request'])('who hangs up after "%s" is no NATS server', async (said) => {
  const stranger = createServer((socket) => void socket.end(said)).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  expect(await greeting((stranger.address() as AddressInfo).port)).toBeUndefined();
  await new Promise((resolve) => stranger.close(resolve));
});

describe('the mailbox', () => {
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await startMailbox();
  });
  afterAll(() => mailbox.stop());

  it('shows the mails it took, until it is cleared', async () => {
    await sendMail(Number(new URL(mailbox.smtpUrl).port));
    const [mail] = await waitFor(async () => {
      const mails = await mailbox.mails();
      return mails.length > 0 && mails;
    });
    expect(mail).toMatchObject({
      subject: 'Zgłoszenie',
      to: [{ address: 'jan@example.com' }],
      headers: { 'x-kind': 'test' },
    });
    await mailbox.clear();
    expect(await mailbox.mails()).toEqual([]);
  });
});

async function sendMail(port: number): Promise<void> {
  const subject = `=?utf-8?B?${Buffer.from('Zgłoszenie').toString('base64')}?=`;
  const headers = `From: a@example.com\r\nTo: jan@example.com\r\nX-Kind: test\r\nSubject: ${subject}`;
  const steps = [
    'EHLO here',
    'MAIL FROM:<a@example.com>',
    'RCPT TO:<jan@example.com>',
    'DATA',
    `${headers}\r\n\r\nHi\r\n.`,
    'QUIT',
  ];
  const socket = createConnection(port, '127.0.0.1').setEncoding('utf8');
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (answer: string) => {
      if (answer.startsWith('5')) reject(new Error(answer));
      const step = steps.shift();
      if (step !== undefined) socket.write(`${step}\r\n`);
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}
