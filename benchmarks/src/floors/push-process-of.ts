import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PushSink } from '../world/push-sink.js';

const SCRIPT = fileURLToPath(new URL('./push-process.js', import.meta.url));

export type PushTask = 'built by us' | 'built by web-push' | 'sent by us' | 'sent by web-push';

export interface PushOrder {
  readonly task: PushTask;
  readonly count: number;
  /** Of the push service. */
  readonly origin: string;
  readonly keys: PushSink['keys'];
  /** `VAPID_KEYS`. */
  readonly vapid: string;
}

/** Builds and sends pushes by our code or by `web-push` alone. It ends with its parent. */
export class PushProcess {
  private constructor(private readonly child: ChildProcess) {}

  static start(): PushProcess {
    // The certificate of the push service is its own: nobody has to check it, with us or without.
    const env = { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    return new PushProcess(fork(SCRIPT, { env, execArgv: ['--no-warnings'] }));
  }

  /** @returns pushes per second of processor time */
  async run(order: PushOrder): Promise<number> {
    this.child.send(order);
    const ended = once(this.child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
    const [rate] = (await Promise.race([once(this.child, 'message'), ended])) as [number];
    return rate;
  }

  async stop(): Promise<void> {
    this.child.disconnect();
    await once(this.child, 'exit');
  }
}
