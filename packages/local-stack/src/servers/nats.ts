import { connect } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../folders.js';
import { freePort } from '../ports.js';
import { type Child, startChild, untilUp } from '../processes/child.js';
import { natsBinary } from './nats-binary.js';

export interface NatsOptions {
  /** Where JetStream keeps its files; kept when stopped. Without it: a temporary folder. */
  dataDir?: string;
  port?: number;
  onLine?: (line: string) => void;
}

export interface NatsServer {
  /** For everybody, when there are no accounts. */
  readonly url: string;
  readonly port: number;
  /** Stops the server in good order and keeps its data. */
  pause(): Promise<void>;
  /** Starts it again, on the same port, after `pause` or `kill`. */
  resume(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Stops it for good; temporary data are deleted. */
  stop(): Promise<void>;
}

export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const command = natsBinary();
  const temporary = options.dataDir === undefined ? temporaryFolder('nats') : undefined;
  const storeDir = options.dataDir ?? join((temporary as { path: string }).path, 'jetstream');
  const run = async (port: number): Promise<Child> => {
    const args = ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', storeDir];
    const child = startChild({ name: 'NATS', command, args, onLine: options.onLine });
    await untilUp('NATS', child, () => greeting(port));
    return child;
  };
  try {
    let { child, port } = await firstStart(run, options.port);
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      pause: async () => void (await child.stop()),
      kill: async () => void (await child.stop('SIGKILL')),
      async resume() {
        if (child.hasExited()) child = await run(port);
      },
      async stop() {
        await child.stop();
        temporary?.remove();
      },
    };
  } catch (error) {
    temporary?.remove();
    throw error;
  }
}

/** A free port can be taken by somebody else between the look and the start: then the next one. */
async function firstStart(
  run: (port: number) => Promise<Child>,
  wanted?: number,
): Promise<{ child: Child; port: number }> {
  for (let tries = 1; ; tries++) {
    const port = wanted ?? (await freePort());
    try {
      return { child: await run(port), port };
    } catch (error) {
      if (tries === 3 || wanted !== undefined) throw error;
    }
  }
}

/** A NATS server speaks first: its INFO line says that it takes clients. */
function greeting(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer?: true) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => done());
    socket.once('error', () => done());
    socket.once('data', (data) => done(data.toString().startsWith('INFO ') ? true : undefined));
  });
}
