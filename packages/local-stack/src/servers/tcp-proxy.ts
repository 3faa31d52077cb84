import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** `up`: from the client to the server; `down`: the answers. */
export type Direction = 'up' | 'down';

/** Between a client and a server on loopback: a network that can be slow, silent or cut. */
export interface TcpProxy {
  readonly port: number;
  /** How many connections stand. */
  readonly size: number;
  /** Each chunk waits so long, in both directions, on old and new connections. 0: not at all. */
  delay(ms: number): void;
  /** Swallows what is sent on all connections, old and new, as a dead network does. What was under way waits. */
  hang(): void;
  /** New connections work again; those that hang go on hanging. */
  serveNewOnes(): void;
  /** Ends all connections at once; their ends hear of a reset or of an end, as it comes. Clients may connect again at once. */
  reset(): void;
  /** Lets so many bytes more through in one direction of each standing connection, then ends it: in the middle of whatever it is. */
  cut(direction: Direction, afterBytes: number): void;
  /** Everything flows again, also what hung. */
  heal(): void;
  stop(): Promise<void>;
}

interface Pipe {
  readonly ends: readonly [Socket, Socket];
  isHanging: boolean;
  /** A chunk is on its way; the next one has to wait for it. */
  readonly isBusy: Record<Direction, boolean>;
  /** What may still pass before it is cut. */
  left: Record<Direction, number>;
}

const UNLIMITED = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY };

/** @param target the port of the server, on loopback */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pipes = new Set<Pipe>();
  /** Longer than their pipes: a socket whose other side is frozen does not close by itself. */
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let isHanging = false;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const isBusy = { up: false, down: false };
    const pipe: Pipe = { ends: [client, upstream], isHanging, isBusy, left: { ...UNLIMITED } };
    pipes.add(pipe);
    for (const [index, socket] of pipe.ends.entries()) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', (hadError) => {
        sockets.delete(socket);
        pipes.delete(pipe);
        const other = pipe.ends[1 - index] as Socket;
        if (hadError) end(other);
        else other.destroy();
      });
    }
    forward(pipe, 'up', () => delayMs);
    forward(pipe, 'down', () => delayMs);
    if (isHanging) for (const socket of pipe.ends) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get size() {
      return pipes.size;
    },
    delay(ms) {
      delayMs = ms;
    },
    hang() {
      isHanging = true;
      for (const pipe of pipes) {
        pipe.isHanging = true;
        for (const socket of pipe.ends) socket.pause();
      }
    },
    serveNewOnes() {
      isHanging = false;
    },
    reset() {
      for (const pipe of pipes) reset(pipe);
    },
    cut(direction, afterBytes) {
      for (const pipe of pipes) pipe.left[direction] = afterBytes;
    },
    heal() {
      delayMs = 0;
      isHanging = false;
      for (const pipe of pipes) {
        pipe.isHanging = false;
        pipe.left = { ...UNLIMITED };
        for (const direction of ['up', 'down'] as const) proceed(pipe, direction);
      }
    },
    stop() {
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      return stopped;
    },
  };
}

/** One direction of a connection, chunk by chunk and in order; the source waits while a chunk does. */
function forward(pipe: Pipe, direction: Direction, delayMs: () => number): void {
  const [from, to] = direction === 'up' ? pipe.ends : ([pipe.ends[1], pipe.ends[0]] as const);
  from.on('data', async (chunk) => {
    pipe.isBusy[direction] = true;
    from.pause();
    if (delayMs() > 0) await pause(delayMs());
    const passing = chunk.subarray(0, pipe.left[direction]);
    pipe.left[direction] -= passing.length;
    const done = () => {
      pipe.isBusy[direction] = false;
      if (pipe.left[direction] <= 0) reset(pipe);
      else proceed(pipe, direction);
    };
    if (passing.length > 0) to.write(passing, done);
    else done();
  });
  from.on('end', () => to.end());
}

function proceed({ ends, isBusy, isHanging }: Pipe, direction: Direction): void {
  if (!isBusy[direction] && !isHanging) ends[direction === 'up' ? 0 : 1].resume();
}

function reset({ ends }: Pipe): void {
  for (const socket of ends) end(socket);
}

/** A reset waits for what is still to be written, for ever if nobody reads it. */
function end(socket: Socket): void {
  if (socket.writableLength > 0) socket.destroy();
  else socket.resetAndDestroy();
}
