import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./smtp-sink-process.js', import.meta.url));

export interface SinkCounts {
  readonly mails: number;
  /** Recipients, each once. */
  readonly people: number;
}

/** A mail server in a process of its own, so that it does not share an event loop with the measurement. It ends with its parent. */
export class SmtpSinkProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** @param delayMs how long it takes to accept a mail */
  static async start(delayMs = 0): Promise<SmtpSinkProcess> {
    const child = fork(SCRIPT, [String(delayMs)]);
    const [port] = (await once(child, 'message')) as [number];
    return new SmtpSinkProcess(child, port);
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** The mails since the last call. */
  async take(): Promise<SinkCounts> {
    this.child.send('take');
    const [counts] = (await once(this.child, 'message')) as [SinkCounts];
    return counts;
  }

  async stop(): Promise<void> {
    this.child.disconnect();
    await once(this.child, 'exit');
  }
}
