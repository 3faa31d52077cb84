import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which systems take the local end of outgoing connections (Linux: from 32768): a port from there
// could be gone when a server that was stopped for a test comes back to it.
const LOWEST = 12_000;
const HIGHEST = 32_000;

/** A port that nobody listens on now: `preferred` or the next free one after it; without a preference, any. */
export async function freePort(preferred?: number): Promise<number> {
  for (let tries = 0; tries < 1_000; tries++) {
    const port = preferred === undefined ? randomInt(LOWEST, HIGHEST) : preferred + tries;
    if (port <= 65_535 && (await isFree(port))) return port;
  }
  throw new Error(`No free port from ${preferred ?? LOWEST} on.`);
}

/**
 * Starts a server on the port that is wanted, else on a free one. Somebody else can take that between the look and the
 * start: then another one is tried.
 */
export async function startOnFreePort<T>(
  start: (port: number) => Promise<T>,
  wanted?: number,
): Promise<{ started: T; port: number }> {
  for (let tries = 1; ; tries++) {
    const port = wanted ?? (await freePort());
    try {
      return { started: await start(port), port };
    } catch (error) {
      if (tries === 3 || wanted !== undefined) throw error;
    }
  }
}

/** Checked on all addresses and on the loopback one: a server on either takes the port for our purposes. */
async function isFree(port: number): Promise<boolean> {
  return (await canListen(port)) && (await canListen(port, '127.0.0.1'));
}

function canListen(port: number, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.unref();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
