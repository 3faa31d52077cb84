import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '@bellhop/contracts/streams';
import { type RunningApp, startApp, type TcpProxy } from '@bellhop/local-stack';

/** Several processes start at once, on a busy machine. */
const PATIENCE_MS = 120_000;
const RESTART_MS = 300;

export interface ManagedAppOptions {
  readonly app: ServiceName;
  /** Its name in the history: `notifications-1`. */
  readonly name: string;
  /** With a `PORT`, so that it keeps its port after a restart. */
  readonly env: Record<string, string>;
  /** The proxies between it and its servers. */
  readonly links: Readonly<Record<LinkName, TcpProxy>>;
  readonly onLine: (line: string) => void;
}

export interface SpecialStart {
  /** In addition to its usual environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the built files are, if not in this repository. */
  readonly repository?: string;
}

export type LinkName = 'nats' | 'postgres' | 'provider';

/** A process that ended by itself. */
export interface UnexpectedEnd {
  readonly process: string;
  readonly code: number | null;
  readonly lastLines: string;
}

/** One process of an app, with a supervisor that restarts it when it ends by itself. */
export class ManagedApp {
  readonly unexpectedEnds: UnexpectedEnd[] = [];
  /** How often it was started. */
  starts = 0;
  private running: RunningApp | undefined;
  private starting: Promise<void> = Promise.resolve();
  private isWanted = false;
  private isFrozen = false;

  constructor(private readonly options: ManagedAppOptions) {}

  get name(): string {
    return this.options.name;
  }

  get app(): ServiceName {
    return this.options.app;
  }

  get links(): Readonly<Record<LinkName, TcpProxy>> {
    return this.options.links;
  }

  get url(): string {
    return `http://127.0.0.1:${this.options.env.PORT}`;
  }

  /** When the process that runs now has ended. */
  get exited(): Promise<number | null> {
    return this.running?.exited ?? Promise.resolve(null);
  }

  /** @param special for this start only. The supervisor does not restart a process that was started with it. */
  start(special?: SpecialStart): Promise<void> {
    this.isWanted = special === undefined;
    this.starting = this.launch(special);
    return this.starting;
  }

  /** Ends it, by default without any shutdown. It stays down until `start`. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.isWanted = false;
    // Otherwise a restart by the supervisor that is in progress would survive.
    await this.starting.catch(() => undefined);
    this.thaw();
    await this.running?.stop(signal);
    this.running = undefined;
  }

  /** Suspends the process, like a long pause of its machine: it keeps its leases and connections and notices nothing. */
  freeze(): void {
    if (!this.running) return;
    this.isFrozen = true;
    process.kill(this.running.pid, 'SIGSTOP');
  }

  thaw(): void {
    if (this.running && this.isFrozen) process.kill(this.running.pid, 'SIGCONT');
    this.isFrozen = false;
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    return answer?.ok ?? false;
  }

  private async launch(special?: SpecialStart): Promise<void> {
    const { app, onLine } = this.options;
    const env = { ...this.options.env, ...special?.env };
    const running = await startApp({ app, env, repository: special?.repository, onLine, patienceMs: PATIENCE_MS });
    this.running = running;
    this.starts += 1;
    void running.exited.then((code) => this.ended(running, code));
  }

  private async ended(running: RunningApp, code: number | null): Promise<void> {
    if (!this.isWanted || this.running !== running) return;
    const lastLines = running.output().split('\n').slice(-20).join('\n');
    this.unexpectedEnds.push({ process: this.name, code, lastLines });
    await pause(RESTART_MS);
    if (this.isWanted && this.running === running) await this.start().catch(() => undefined);
  }
}
