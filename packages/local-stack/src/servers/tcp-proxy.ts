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
  const proxy = new LoopbackProxy(target);
  await proxy.listen();
  return proxy;
}

class LoopbackProxy implements TcpProxy {
  private readonly pipes = new Set<Pipe>();
  /** Longer than their pipes: a socket whose other side is frozen does not close by itself. */
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => this.accept(client));
  private delayMs = 0;
  private isHanging = false;

  constructor(private readonly target: number) {}

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get size(): number {
    return this.pipes.size;
  }

  delay(ms: number): void {
    this.delayMs = ms;
  }

  hang(): void {
    this.isHanging = true;
    for (const pipe of this.pipes) {
      pipe.isHanging = true;
      for (const socket of pipe.ends) socket.pause();
    }
  }

  serveNewOnes(): void {
    this.isHanging = false;
  }

  reset(): void {
    for (const pipe of this.pipes) reset(pipe);
  }

  cut(direction: Direction, afterBytes: number): void {
    for (const pipe of this.pipes) pipe.left[direction] = afterBytes;
  }

  heal(): void {
    this.delayMs = 0;
    this.isHanging = false;
    for (const pipe of this.pipes) {
      pipe.isHanging = false;
      pipe.left = { ...UNLIMITED };
      for (const direction of ['up', 'down'] as const) proceed(pipe, direction);
    }
  }

  stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    return stopped;
  }

  private accept(client: Socket): void {
    const upstream = connect(this.target, '127.0.0.1');
    const isBusy = { up: false, down: false };
    const pipe: Pipe = { ends: [client, upstream], isHanging: this.isHanging, isBusy, left: { ...UNLIMITED } };
    this.pipes.add(pipe);
    for (const [index, socket] of pipe.ends.entries()) this.watch(socket, pipe.ends[1 - index] as Socket, pipe);
    forward(pipe, 'up', () => this.delayMs);
    forward(pipe, 'down', () => this.delayMs);
    if (this.isHanging) for (const socket of pipe.ends) socket.pause();
  }

  private watch(socket: Socket, other: Socket, pipe: Pipe): void {
    socket.setNoDelay(true);
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', (hadError) => {
      this.sockets.delete(socket);
      this.pipes.delete(pipe);
      if (hadError) end(other);
      else other.destroy();
    });
  }
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
