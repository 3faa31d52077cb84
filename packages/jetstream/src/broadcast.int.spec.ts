import { type NatsServer, startNats, startTcpProxy, type TcpProxy, waitFor } from '@bellhop/local-stack';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Broadcast } from './broadcast.js';
import { NatsLink } from './nats-link.js';

const SUBJECT = 'things.changed.v1';
const warnings: unknown[] = [];
const errors: unknown[] = [];
const log = {
  log: () => undefined,
  warn: (line: unknown) => warnings.push(line),
  error: (line: unknown) => errors.push(line),
};

let nats: NatsServer;
let proxy: TcpProxy;
const closings: (() => Promise<void>)[] = [];

beforeEach(async () => {
  warnings.length = errors.length = 0;
  nats = await startNats();
  proxy = await startTcpProxy(Number(new URL(nats.url).port));
});
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
  await proxy.stop();
  await nats.stop();
});

/** One replica, and what it hears. */
async function replica(url = nats.url) {
  const heard: string[] = [];
  let connections = 0;
  const link = new NatsLink({ url, name: 'things', log: () => undefined });
  const broadcast = new Broadcast<string>({
    link,
    subject: SUBJECT,
    parse: (message) => {
      if (typeof message === 'string') return message;
      throw new Error('no string');
    },
    onMessage: (message) => heard.push(message),
    onConnect: () => connections++,
    log,
  });
  broadcast.start();
  link.start();
  // What is said before the server knows of the subscription is not heard.
  await (await link.connected()).flush();
  closings.push(() => link.close());
  return { link, broadcast, heard, connections: () => connections };
}

describe('a broadcast', () => {
  it('is heard once by every replica, and by the one that says it', async () => {
    const [first, second] = [await replica(), await replica()];
    expect(first.broadcast.say('one')).toBe(true);
    expect(second.broadcast.say('two')).toBe(true);
    await waitFor(() => first.heard.length === 2 && second.heard.length === 2);
    expect([first.heard.sort(), second.heard.sort()]).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
  });

  it('that cannot be read is dropped, and the next one heard', async () => {
    const { link, broadcast, heard } = await replica();
    for (const text of ['', '{', '{"a":1}']) link.connection?.publish(SUBJECT, text);
    broadcast.say('good');
    await waitFor(() => heard.length > 0);
    expect(heard).toEqual(['good']);
    expect(warnings).toHaveLength(3);
  });

  it('reaches nobody without a connection and says so; afterwards it is heard once, and whoever missed some is told', async () => {
    const away = await replica(`nats://127.0.0.1:${proxy.port}`);
    const other = await replica();
    expect(away.connections()).toBe(1);
    proxy.hang();
    proxy.reset();
    await waitFor(() => away.link.connection === null);
    expect(away.broadcast.say('lost')).toBe(false);
    other.broadcast.say('missed');
    proxy.serveNewOnes();
    await waitFor(() => away.connections() === 2);
    // The client subscribes again right after it is connected: what is said in between is lost as well.
    await waitFor(() => other.broadcast.say('heard') && away.heard.length > 0);
    expect(new Set(away.heard)).toEqual(new Set(['heard']));
    expect(new Set(other.heard)).toEqual(new Set(['missed', 'heard']));
  });

  it('that this replica may not hear: it says so, to whoever has to tell its own people, and tries again', async () => {
    const denied = `{ user: a, password: b, permissions: { publish: ">", subscribe: { deny: "${SUBJECT}" } } }`;
    const strict = await startNats({ configuration: `authorization { users = [${denied}] }` });
    const deaf = await replica(strict.url.replace('nats://', 'nats://a:b@'));
    closings.push(() => strict.stop());
    await waitFor(() => errors.length === 1, { what: 'the refusal' });
    expect(deaf.broadcast.say('one')).toBe(false);
    deaf.broadcast.renew();
    await waitFor(() => errors.length === 2, { what: 'the second refusal' });
    expect(deaf.heard).toEqual([]);
  });
});
