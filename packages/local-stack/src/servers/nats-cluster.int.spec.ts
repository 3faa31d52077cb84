import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '../wait-for.js';
import { type NatsCluster, startNatsCluster } from './nats-cluster.js';

const STREAM = { name: 'KEPT', subjects: ['kept'], storage: 'file', retention: 'limits', num_replicas: 3 };

let cluster: NatsCluster;
let connection: NatsConnection;

beforeAll(async () => {
  cluster = await startNatsCluster();
  connection = await connect({ servers: cluster.urls.map((url) => new URL(url).host), maxReconnectAttempts: -1 });
  // A server whose heartbeat is late counts as away for a moment, on a busy machine also right after the start.
  await waitFor(() => api('STREAM.CREATE.KEPT', STREAM), { what: 'a stream with three copies' });
  const config = { durable_name: 'reader', ack_policy: 'explicit' };
  await api('CONSUMER.CREATE.KEPT.reader', { stream_name: 'KEPT', config });
});
afterAll(async () => {
  await connection?.close();
  await cluster?.stop();
});

async function api(request: string, body: object = {}): Promise<{ state: { messages: number } }> {
  const answer = (await connection.request(`$JS.API.${request}`, JSON.stringify(body), { timeout: 5_000 })).json<{
    error?: object;
    state: { messages: number };
  }>();
  if (answer.error) throw new Error(JSON.stringify(answer.error));
  return answer;
}

const store = () => waitFor(async () => (await connection.request('kept', 'x', { timeout: 2_000 })).json());

describe('three NATS servers', () => {
  it('hold a stream together: the one that leads it may be killed, and knows all when it is back', async () => {
    await store();
    const first = await cluster.leaderOf('KEPT');
    await cluster.kill(first);
    const second = await cluster.leaderOf('KEPT');
    expect(second).not.toBe(first);
    await store();
    await cluster.resume(first);
    await cluster.kill(second);
    await store();
    expect((await waitFor(() => api('STREAM.INFO.KEPT'))).state.messages).toBe(3);
    await cluster.resume(second);
  });

  it('give up the lead when one is stopped in good order', async () => {
    const leader = await cluster.leaderOf('KEPT', 'reader');
    await cluster.pause(leader);
    expect(await cluster.leaderOf('KEPT', 'reader')).not.toBe(leader);
    await cluster.resume(leader);
    expect(cluster.servers.every((server) => server.isRunning())).toBe(true);
  });

  it('say which names they have when another is asked for', () => {
    expect(() => cluster.kill('n4')).toThrow('There is no server n4: n1, n2, n3.');
  });
});

describe('a cluster with accounts', () => {
  it('lets each user in by all servers, and nobody else', async () => {
    const guarded = await startNatsCluster({ accounts: true });
    try {
      const urls = guarded.urlFor('crm').split(',');
      expect(urls).toHaveLength(3);
      for (const url of urls.map((one) => new URL(one))) {
        const servers = url.host;
        const member = await connect({ servers, user: url.username, pass: url.password, reconnect: false });
        await member.close();
        await expect(connect({ servers, reconnect: false })).rejects.toThrow(/authorization/i);
      }
    } finally {
      await guarded.stop();
    }
  });
});
