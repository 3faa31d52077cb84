import { connect, createServer } from 'node:net';
import { freePort, type NatsServer, startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { NatsLink } from './nats-link.js';

let server: NatsServer;
let plain: NatsServer;
let lines: string[] = [];
let levels: string[] = [];
const links: NatsLink[] = [];

function link(url: string, options: { inboxPrefix?: string } = {}): NatsLink {
  const log = (line: string, level: string) => {
    lines.push(line);
    levels.push(level);
  };
  const made = new NatsLink({ url, name: 'tickets', log, ...options });
  links.push(made);
  return made;
}

beforeAll(async () => {
  [server, plain] = await Promise.all([startNats({ accounts: true }), startNats()]);
});
afterEach(async () => {
  await Promise.all(links.splice(0).map((one) => one.close()));
  lines = [];
  levels = [];
});
afterAll(() => Promise.all([server.stop(), plain.stop()]));

describe('NatsLink', () => {
  it('connects with the credentials in the URL and says which server it found', async () => {
    const one = link(server.urlFor('tickets'));
    expect(one.problem()).toBe('the connection to NATS was not started');
    one.start();
    const connection = await one.connected();
    expect(one.connection).toBe(connection);
    expect(one.problem()).toBeNull();
    expect(lines).toEqual([expect.stringMatching(/^connected to nats-server \d+\.\d+\.\d+ at 127\.0\.0\.1:\d+$/)]);
  });

  it('takes no server that one message of an outside system could end, and says which would do', async () => {
    const old = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('INFO {"server_id":"OLD","version":"2.9.10","proto":1,"headers":true,"max_payload":1048576}\r\n');
      socket.on('data', (data) => {
        if (data.includes('PING')) socket.write('PONG\r\n');
      });
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const { port } = old.address() as { port: number };
    const one = link(`nats://127.0.0.1:${port}`);
    one.start();
    const problem = `NATS at 127.0.0.1:${port} is nats-server 2.9.10; 2.12 or newer is needed, older ones can be ended by one message of an outside system`;
    await waitFor(() => one.problem() === problem, { what: 'the problem to be reported' });
    expect(one.connection).toBeNull();
    expect(lines).toEqual([problem]);
    expect(levels).toEqual(['error']);
    await one.close();
    await new Promise((resolve) => old.close(resolve));
  });

  it('uses an inbox prefix that names the service, unless configured otherwise', async () => {
    const [one, other] = [link(plain.url), link(plain.url, { inboxPrefix: '_INBOX_x' })];
    for (const started of [one, other]) started.start();
    const replies: string[] = [];
    (await one.connected()).subscribe('echo', {
      callback: (_, request) => {
        replies.push(request.reply ?? '');
        request.respond();
      },
    });
    for (const asking of [one, other]) await (await asking.connected()).request('echo');
    expect(replies).toEqual([expect.stringMatching(/^_INBOX_tickets\./), expect.stringMatching(/^_INBOX_x\./)]);
  });

  it('starts while NATS is unreachable, says so once, and connects when it is there', async () => {
    let tries = 0;
    const notNats = createServer((socket) => {
      tries++;
      socket.destroy();
    });
    const port = await freePort();
    await new Promise<void>((resolve) => notNats.listen(port, '127.0.0.1', resolve));
    const one = link(`nats://127.0.0.1:${port}`);
    one.start();
    const connected = one.connected();
    await waitFor(() => tries >= 3);
    expect(one.connection).toBeNull();
    expect(lines).toEqual([one.problem()]);
    expect(one.problem()).toMatch(/^NATS at \S+ cannot be reached \(.+\): is it running, and is NATS_URL right\?$/);
    await new Promise((resolve) => notNats.close(resolve));
    const late = await startNats({ port });
    try {
      await connected;
      expect(one.problem()).toBeNull();
      expect(levels).toEqual(['warn', 'info']);
    } finally {
      await one.close();
      await late.stop();
    }
  });

  it('says that the credentials are wrong, and never what they are', async () => {
    const one = link(server.urlFor('tickets').replace(/:p\w+@/, ':geheim@'));
    one.start();
    await waitFor(() => one.problem()?.includes('refuses'));
    expect(one.problem()).toBe(`NATS at 127.0.0.1:${server.port} refuses the user or password in NATS_URL`);
    expect(lines.join()).not.toContain('geheim');
    expect(levels).toEqual(['error']);
  });

  it('reconnects by itself after an outage of the server, and notifies its watchers', async () => {
    const told: string[] = [];
    const one = link(server.urlFor('tickets'));
    one.watch({ onConnect: () => told.push('up'), onDisconnect: () => told.push('down') });
    one.start();
    const connection = await one.connected();
    await server.kill();
    await waitFor(() => one.problem() !== null);
    expect(one.connection).toBeNull();
    expect(one.problem()).toMatch(/was lost: reconnecting$/);
    const again = one.connected();
    await server.resume();
    expect(await again).toBe(connection);
    expect(one.problem()).toBeNull();
    expect(told).toEqual(['up', 'down', 'up']);
    expect(levels).toEqual(['info', 'warn', 'info']);
  });

  it('notifies a late watcher of the connection at once, and nobody after unwatching', async () => {
    const one = link(server.urlFor('tickets'));
    one.start();
    await one.connected();
    let heard = 0;
    const unwatch = one.watch({ onConnect: () => heard++, onDisconnect: () => heard++ });
    expect(heard).toBe(1);
    unwatch();
    await server.pause();
    await waitFor(() => one.problem() !== null);
    await server.resume();
    await one.connected();
    expect(heard).toBe(1);
  });

  it('closes at once, twice, before it ever connected, and while NATS is unreachable', async () => {
    const never = link(`nats://127.0.0.1:${await freePort()}`);
    await never.close();
    never.start();
    await never.close();
    const one = link(server.urlFor('tickets'));
    one.start();
    await one.connected();
    await server.pause();
    await waitFor(() => one.connection === null);
    const before = performance.now();
    await one.close();
    await one.close();
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(one.problem()).toBe('the connection to NATS is closed');
    await server.resume();
  });

  it('gives up a connection on which nothing comes back, though nobody closed it', async () => {
    // A firewall that forgets: it takes packets and passes on none.
    let isSilent = false;
    const firewall = createServer((socket) => {
      const upstream = connect(plain.port, '127.0.0.1');
      for (const end of [socket, upstream]) end.on('error', () => undefined);
      socket.on('data', (data) => isSilent || upstream.write(data));
      upstream.on('data', (data) => isSilent || socket.write(data));
      socket.on('close', () => upstream.destroy());
    });
    const port = await freePort();
    await new Promise<void>((resolve) => firewall.listen(port, '127.0.0.1', resolve));
    const one = new NatsLink({ url: `nats://127.0.0.1:${port}`, name: 'x', log: () => undefined, pingIntervalMs: 100 });
    one.start();
    await one.connected();
    isSilent = true;
    await waitFor(() => one.connection === null);
    expect(one.problem()).toMatch(/was lost: reconnecting$/);
    isSilent = false;
    await one.connected();
    await one.close();
    await new Promise((resolve) => firewall.close(resolve));
  });

  it('sends what is buffered before it closes', async () => {
    const [hearing, one] = [link(plain.url), link(plain.url)];
    for (const started of [hearing, one]) started.start();
    let heard = 0;
    (await hearing.connected()).subscribe('late', { callback: () => void heard++ });
    await (await hearing.connected()).flush();
    const connection = await one.connected();
    for (let n = 0; n < 1_000; n++) connection.publish('late', 'x'.repeat(1_000));
    await one.close();
    expect(connection.isClosed()).toBe(true);
    await waitFor(() => heard === 1_000);
  });
});
