import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, startOnFreePort } from './ports.js';

describe('a free port', () => {
  let taken: number;
  let server: Server;
  beforeAll(async () => {
    server = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    taken = (server.address() as AddressInfo).port;
  });
  afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  it('is the wanted one if nobody has it', async () => {
    const port = await freePort();
    expect(await freePort(port)).toBe(port);
  });

  it('is a later one if somebody has it, even on the loopback address only', async () => {
    expect(await freePort(taken)).toBeGreaterThan(taken);
  });

  it('is chosen anew when a server cannot start on the first', async () => {
    const tried: number[] = [];
    const { started, port } = await startOnFreePort(async (candidate) => {
      tried.push(candidate);
      if (tried.length < 3) throw new Error('taken meanwhile');
      return 'server';
    });
    expect({ started, port }).toEqual({ started: 'server', port: tried[2] });
    await expect(startOnFreePort(() => Promise.reject(new Error('taken')), taken)).rejects.toThrow('taken');
  });
});
