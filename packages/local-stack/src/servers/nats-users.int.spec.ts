import { connect as connectSocket } from 'node:net';
import { streams } from '@bellhop/contracts/streams';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '../wait-for.js';
import { type NatsServer, startNats } from './nats.js';
import type { NatsUser } from './nats-accounts.js';

/** The client library does not read credentials from the URL. */
function as(nats: NatsServer, user: NatsUser) {
  const { username, password } = new URL(nats.urlFor(user));
  return { servers: nats.url, user: username, pass: password };
}
describe('an outside system', () => {
  let nats: NatsServer;
  let crm: NatsConnection;
  let provisioner: NatsConnection;

  const api = async (verb: string, body: unknown = {}) =>
    (await provisioner.request(`$JS.API.${verb}`, JSON.stringify(body))).json<{ state: { messages: number } }>();

  beforeAll(async () => {
    nats = await startNats({ accounts: true });
    crm = await connect(as(nats, 'crm'));
    provisioner = await connect({ ...as(nats, 'provisioner'), inboxPrefix: '_INBOX_provisioner' });
    for (const { name, subjects } of [streams.INBOUND, streams.TICKETS]) {
      await api(`STREAM.CREATE.${name}`, { name, subjects, retention: 'limits', storage: 'file', num_replicas: 1 });
    }
  });
  afterAll(async () => {
    await Promise.all([crm.close(), provisioner.close()]);
    await nats.stop();
  });

  it('S36 gets the acknowledgement of the stream for its own subjects', async () => {
    const id = headers();
    id.set('Nats-Msg-Id', 'one');
    const publish = () => crm.request('inbound.crm.tickets.v1.replied', '{}', { headers: id, timeout: 2_000 });
    expect((await publish()).json()).toMatchObject({ stream: 'INBOUND', seq: 1 });
    expect((await publish()).json()).toMatchObject({ stream: 'INBOUND', seq: 1, duplicate: true });
  });

  it('is stored without waiting for the acknowledgement, too', async () => {
    const before = (await api('STREAM.INFO.INBOUND')).state.messages;
    crm.publish('inbound.crm.tickets.v1.created', '{}');
    await waitFor(async () => (await api('STREAM.INFO.INBOUND')).state.messages === before + 1);
  });

  it.each(['inbound.erp.tickets.v1.replied', 'tickets.v1.replied', '$JS.API.STREAM.PURGE.INBOUND'])(
    'S36 has no effect on %s',
    async (subject) => {
      const before = [await api('STREAM.INFO.INBOUND'), await api('STREAM.INFO.TICKETS')].map((info) => info.state);
      await expect(crm.request(subject, '{}', { timeout: 500 })).rejects.toThrow(/permissions violation/i);
      const after = [await api('STREAM.INFO.INBOUND'), await api('STREAM.INFO.TICKETS')].map((info) => info.state);
      expect(after).toEqual(before);
    },
  );
});

describe('the server', () => {
  it.each(['x.>', '_INBOX.*', '*', '>'])(
    'S36 survives an outside system that wants its answer on %s',
    async (reply) => {
      const nats = await startNats({ accounts: true });
      try {
        const { hostname, port, username, password } = new URL(nats.urlFor('crm'));
        const socket = connectSocket(Number(port), hostname).setEncoding('utf8');
        let heard = '';
        let isClosed = false;
        socket.on('data', (text: string) => {
          heard += text;
        });
        socket
          .on('error', () => undefined)
          .on('close', () => {
            isClosed = true;
          });
        const hello = JSON.stringify({ verbose: false, user: username, pass: password, headers: true });
        socket.write(`CONNECT ${hello}\r\nPUB inbound.crm.tickets.v1.replied ${reply} 2\r\n{}\r\nPING\r\n`);
        await waitFor(() => isClosed || heard.includes('PONG'), { what: 'the server to answer or to hang up' });
        socket.destroy();
        const after = await connect({ ...as(nats, 'crm'), reconnect: false });
        await after.flush();
        await after.close();
      } finally {
        await nats.stop();
      }
    },
  );

  it('S39 gives one outside system so many connections, and the others theirs', async () => {
    const nats = await startNats({ accounts: true });
    const open: NatsConnection[] = [];
    try {
      const flood = Array.from({ length: 80 }, () => connect({ ...as(nats, 'crm'), reconnect: false }));
      const ends = await Promise.allSettled(flood);
      for (const end of ends) if (end.status === 'fulfilled') open.push(end.value);
      expect(ends.filter(({ status }) => status === 'rejected').length).toBe(16);
      open.push(await connect({ ...as(nats, 'tickets'), inboxPrefix: '_INBOX_tickets', reconnect: false }));
    } finally {
      await Promise.all(open.map((connection) => connection.close()));
      await nats.stop();
    }
  });
});

describe('an operator', () => {
  let nats: NatsServer;
  let connections: NatsConnection[];
  beforeAll(async () => {
    nats = await startNats({ accounts: true });
    const users = ['provisioner', 'tickets', 'operator'] as const;
    connections = await Promise.all(users.map((user) => connect({ ...as(nats, user), inboxPrefix: `_INBOX_${user}` })));
  });
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await nats.stop();
  });

  it('S36 reads dead letters by what `nats stream info` and `nats stream get` ask, and nothing of other streams', async () => {
    const [provisioner, tickets, operator] = connections as [NatsConnection, NatsConnection, NatsConnection];
    for (const { name, subjects } of [streams.DEAD_LETTERS, streams.TICKETS]) {
      await provisioner.request(`$JS.API.STREAM.CREATE.${name}`, JSON.stringify({ name, subjects, storage: 'file' }));
    }
    const why = headers();
    why.set('Bellhop-Reason', 'invalid_event');
    await tickets.request('dead_letters.tickets.crm.invalid_event', '{"n":1}', { headers: why, timeout: 2_000 });

    const ask = async (request: string, body: unknown = {}) =>
      (await operator.request(`$JS.API.${request}`, JSON.stringify(body))).json();
    expect(await ask('STREAM.INFO.DEAD_LETTERS')).toMatchObject({ state: { messages: 1, first_seq: 1, last_seq: 1 } });
    for (const which of [{ seq: 1 }, { last_by_subj: 'dead_letters.tickets.>' }]) {
      const found = (await ask('STREAM.MSG.GET.DEAD_LETTERS', which)) as { message: { data: string; hdrs: string } };
      expect(atob(found.message.data)).toBe('{"n":1}');
      expect(atob(found.message.hdrs)).toContain('Bellhop-Reason: invalid_event');
    }
    await expect(ask('STREAM.MSG.GET.TICKETS', { seq: 1 })).rejects.toThrow(/permissions violation/i);
  });
});

describe('questions between services', () => {
  it('S36 are answered to whoever asked, although the answering service may not publish there otherwise', async () => {
    const nats = await startNats({ accounts: true });
    const guestAuth = await connect({ ...as(nats, 'guest-auth'), inboxPrefix: '_INBOX_guest-auth' });
    const tickets = await connect({ ...as(nats, 'tickets'), inboxPrefix: '_INBOX_tickets' });
    guestAuth.subscribe('guest_auth.rpc.v1.session', {
      queue: 'guest-auth',
      callback: (_, message) => void message.respond('null'),
    });
    await guestAuth.flush();
    expect((await tickets.request('guest_auth.rpc.v1.session', '{}', { timeout: 2_000 })).json()).toBeNull();
    await Promise.all([guestAuth.close(), tickets.close()]);
    await nats.stop();
  });
});
