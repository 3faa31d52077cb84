import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inboundSubjectOf } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { type NatsServer, SmtpSink, startNats, waitFor, withErp } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Notifier } from './notifier.js';

const MIB = 1024 * 1024;
const LARGE_BYTES = 20_000;

let folder: string;
let nats: NatsServer;
let sink: SmtpSink;
let notifier: Notifier;
let crm: NatsConnection;
let erp: NatsConnection;

function edit(file: string, change: (text: string) => string): void {
  const path = join(folder, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bellhop-two-systems-'));
  [sink, nats] = await Promise.all([
    SmtpSink.start(),
    startNats({ accounts: true, configuration: withErp(folder, 'secret_of_erp') }),
  ]);
  notifier = await Notifier.start({
    emailUrl: sink.url,
    nats,
    env: { STREAM_MAX_BYTES: `INBOUND=${MIB},INBOUND_2=${MIB}` },
  });
  await notifier.untilReady();
  const { username, password } = new URL(nats.urlFor('crm'));
  crm = await connect({ servers: nats.url, user: username, pass: password });
  erp = await connect({ servers: nats.url, user: 'erp', pass: 'secret_of_erp' });
});
afterAll(async () => {
  await Promise.all([crm?.close(), erp?.close()]);
  await notifier?.stop();
  await Promise.all([nats?.stop(), sink?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Ack {
  stream?: string;
  seq?: number;
  error?: { description: string };
}

async function publish(connection: NatsConnection, system: 'crm' | 'erp', address: string, padding = 0): Promise<Ack> {
  const home = { crm: 'https://crm.example.com/', erp: 'https://erp.example.com/help/' }[system];
  const event = buildEvent('ticket.resolved.v1', {
    ticket: { id: address.replace('@', '.'), url: `${home}t/1` },
    requester: { kind: 'guest', email: address },
  });
  const body = JSON.stringify({ ...event, padding: 'x'.repeat(padding) });
  return (await connection.request(inboundSubjectOf(system, event.type), body, { timeout: 5_000 })).json<Ack>();
}

/** Publishes without a pause until the server refuses. @returns how many it took */
async function flood(connection: NatsConnection, system: 'crm' | 'erp'): Promise<number> {
  for (let taken = 0; taken < 5_000; ) {
    const burst = Array.from({ length: 50 }, () => publish(connection, system, `flood@${system}.example`, LARGE_BYTES));
    const acks = await Promise.all(burst);
    taken += acks.filter(({ seq }) => seq).length;
    if (acks.some(({ error }) => error)) return taken;
  }
  throw new Error('was never refused');
}

describe.each([
  ['crm', 'erp'],
  ['erp', 'crm'],
] as const)('S39 %s floods its stream until it is refused', (loud, quiet) => {
  const connections = () => ({ crm, erp });

  it(`S39 an event of ${quiet} is accepted meanwhile, and mailed at once`, async () => {
    expect(await flood(connections()[loud], loud)).toBeGreaterThan(0);
    const address = `quiet-${quiet}@example.net`;
    const ack = await publish(connections()[quiet], quiet, address);
    expect(ack).toEqual({ stream: { crm: 'INBOUND', erp: 'INBOUND_2' }[quiet], seq: expect.any(Number) });
    await waitFor(() => sink.to(address).length > 0, { timeoutMs: 10_000, what: `the mail of ${quiet}` });
  });

  it(`S39 ${loud} may publish again once its backlog is handled, long before anything expires`, async () => {
    // Three times what its stream holds.
    for (let left = (3 * MIB) / LARGE_BYTES; left > 0; left--) {
      const taken = async () =>
        (await publish(connections()[loud], loud, `flood@${loud}.example`, LARGE_BYTES)).seq !== 0;
      await waitFor(taken, { timeoutMs: 30_000, what: `${loud} to be taken again` });
    }
    const address = `again-${loud}@example.net`;
    await waitFor(async () => (await publish(connections()[loud], loud, address)).seq !== 0);
    await waitFor(() => sink.to(address).length > 0, { timeoutMs: 10_000, what: `the mail of ${loud}` });
  });
});

it('S39 a system that moves to a stream of its own loses nothing: what it left in the shared one is read as before', async () => {
  const move = async (from: string, to: string) => {
    for (const file of ['systems/erp.conf', 'bellhop.conf'])
      edit(file, (text) => text.replace(new RegExp(`(subject|service): "${from}\\.erp\\.`), `$1: "${to}.erp.`));
    await nats.pause();
    await nats.resume();
    await waitFor(async () => (await erp.rtt()) >= 0, { what: 'erp to be connected again' });
  };
  await notifier.stopReplicas();
  await move('inbound_2', 'inbound');
  const before = await publish(erp, 'erp', 'before@example.net');
  await move('inbound', 'inbound_2');
  const after = await publish(erp, 'erp', 'after@example.net');
  expect([before.stream, after.stream]).toEqual(['INBOUND', 'INBOUND_2']);
  await notifier.addReplica();
  for (const address of ['before@example.net', 'after@example.net'])
    await waitFor(() => sink.to(address).length > 0, { what: `the mail to ${address}` });
});
