import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, startOnFreePort, startOnFreePorts } from './ports.js';

const OUTGOING = '/proc/sys/net/ipv4/ip_local_port_range';
const BUILT = new URL('../dist/ports.js', import.meta.url);

describe('a free port', () => {
  let taken: number;
  let server: Server;
  beforeAll(async () => {
    taken = await freePort();
    server = await listen(taken);
  });
  afterAll(() => close(server));

  it('is the wanted one if nobody has it', async () => {
    const port = await freePort();
    expect(await freePort(port)).toBe(port);
  });

  it('is a later one if somebody has it, even on the loopback address only', async () => {
    expect(await freePort(taken)).toBeGreaterThan(taken);
  });

  it('is none that the system may give to an outgoing connection', async () => {
    const lowest = existsSync(OUTGOING) ? Number.parseInt(readFileSync(OUTGOING, 'utf8'), 10) : 49_152;
    for (let count = 0; count < 100; count++) expect(await freePort()).toBeLessThan(Math.min(lowest, 16_000));
  });

  it('is for one process only: several that want the same at once get others, until the one ends', async () => {
    const wanted = await freePort();
    const others = await Promise.all(Array.from({ length: 3 }, () => inAnotherProcess(wanted)));
    const ports = others.map(({ port }) => port);
    expect(new Set([wanted, ...ports]).size).toBe(4);
    await Promise.all(others.map((other) => other.end()));
    const [first] = ports as [number];
    expect(await freePort(first)).toBe(first);
  });
});

describe('a server on a free port', () => {
  it('is started on another one when somebody takes the first between the look and the start', async () => {
    const tried: number[] = [];
    const { started, port } = await startOnFreePort(async (candidate) => {
      tried.push(candidate);
      if (tried.length > 1) return 'server';
      const holder = await listen(candidate);
      await listen(candidate).finally(() => close(holder));
      return 'never';
    });
    expect({ started, port }).toEqual({ started: 'server', port: tried[1] });
    expect(tried[1]).not.toBe(tried[0]);
  });

  it('gets its wanted port beside free ones, and other free ones when one of those is taken', async () => {
    const wanted = await freePort();
    const tried: number[][] = [];
    const { ports } = await startOnFreePorts([wanted, undefined, undefined], async (candidates) => {
      tried.push(candidates);
      if (tried.length === 1) throw new Error('listen tcp 127.0.0.1:4222: bind: address already in use');
    });
    expect(ports).toEqual(tried[1]);
    expect(tried.map(([first]) => first)).toEqual([wanted, wanted]);
    expect(new Set(tried.flat()).size).toBe(5);
  });

  it('waits for the wanted port while somebody has it for a moment', async () => {
    const port = await freePort();
    const holder = await listen(port);
    const starting = startOnFreePort(listen, port);
    setTimeout(() => holder.close(), 500);
    await close((await starting).started);
  });

  it('says that the wanted port is taken when it stays so', async () => {
    const port = await freePort();
    const holder = await listen(port);
    await expect(startOnFreePort(listen, port)).rejects.toMatchObject({
      code: 'port_taken',
      message: `Port ${port} is taken. Stop what listens there, or choose another one.`,
    });
    await close(holder);
  });

  it('is started once when it fails for another reason', async () => {
    let tries = 0;
    const broken = async () => {
      tries++;
      throw new Error('no configuration');
    };
    await expect(startOnFreePort(broken)).rejects.toThrow('no configuration');
    expect(tries).toBe(1);
  });
});

async function listen(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

interface Other {
  port: number;
  end(): Promise<unknown>;
}

async function inAnotherProcess(wanted: number): Promise<Other> {
  const script = `import { freePort } from '${BUILT}';
    console.log(await freePort(${wanted}));
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [said] = await once(child.stdout, 'data');
  return {
    port: Number(said),
    end() {
      child.stdin.end();
      return exited;
    },
  };
}
