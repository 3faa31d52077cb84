import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { LocalStackError } from './local-stack.errors.js';

// Below every range from which systems take the local end of outgoing connections (gVisor: from 16000, Linux: from 32768,
// macOS and Windows: from 49152): a port from there could be gone when a server comes back to it.
// From 10081: to 10080, as to some lower ones, neither fetch nor a browser connects (https://fetch.spec.whatwg.org/#port-blocking).
const LOWEST = 10_081;
const HIGHEST = 16_000;
const TRIES = 50;
const PAUSE_MS = 200;

/** Of this process. */
const reserved = new Set<number>();

/**
 * A port that nobody listens on now: `preferred` or the next free one after it; without a preference, any. No other process
 * gets it from here until this one ends, so that it is still free when a server starts on it, or comes back to it.
 */
export async function freePort(preferred?: number): Promise<number> {
  for (let tries = 0; tries < 1_000; tries++) {
    const port = preferred === undefined ? randomInt(LOWEST, HIGHEST) : preferred + tries;
    if (port > 65_535 || (preferred === undefined && reserved.has(port))) continue;
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
  throw new Error(`No free port from ${preferred ?? LOWEST} on.`);
}

/**
 * Starts a server on the port that is wanted, else on a free one. When somebody who does not ask here has taken that, a
 * free one is chosen anew; a wanted one is waited for, 10 s at least.
 */
export async function startOnFreePort<T>(
  start: (port: number) => Promise<T>,
  wanted?: number,
): Promise<{ started: T; port: number }> {
  const { started, ports } = await startOnFreePorts([wanted], ([port]) => start(port));
  return { started, port: ports[0] };
}

type Ports<W> = { [place in keyof W]: number };

/** The same for a server that listens on several ports. */
export async function startOnFreePorts<W extends readonly (number | undefined)[], T>(
  wanted: readonly [...W],
  start: (ports: Ports<W>) => Promise<T>,
): Promise<{ started: T; ports: Ports<W> }> {
  for (let tries = 1; ; tries++) {
    try {
      for (const port of wanted) if (port !== undefined) await refuseTaken(port);
      const ports = (await Promise.all(wanted.map((port) => port ?? freePort()))) as Ports<W>;
      return { started: await start(ports), ports };
    } catch (error) {
      if (!isPortTaken(error) || tries === TRIES) throw error;
      if (wanted.some((port) => port !== undefined)) await pause(PAUSE_MS);
    }
  }
}

/** Whether a server could not start because somebody else has its port: as Node, NATS, Postgres and our apps say it. */
export function isPortTaken(error: unknown): boolean {
  return /EADDRINUSE|address already in use|port \d+( on \S+)? is taken/i.test(String(error));
}

/** Before the start: whoever has the port already could be taken for the server that has not come up yet. */
async function refuseTaken(port: number): Promise<void> {
  if (await isFree(port)) return;
  throw new LocalStackError('port_taken', `Port ${port} is taken. Stop what listens there, or choose another one.`);
}

/**
 * The UDP port of the same number stands for the reservation: our servers use none, only one process gets it, and the system
 * gives it back when that process ends, however it ends.
 */
async function reserve(port: number): Promise<boolean> {
  if (reserved.has(port)) return true;
  const reservation = createSocket('udp4').unref();
  const isOurs = await new Promise<boolean>((resolve) => {
    reservation.once('error', () => resolve(false));
    reservation.bind(port, '127.0.0.1', () => resolve(true));
  });
  if (isOurs) reserved.add(port);
  else reservation.close();
  return isOurs;
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
