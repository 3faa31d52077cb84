import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../folders.js';
import { LocalStackError } from '../local-stack.errors.js';
import { freePort, startOnFreePort } from '../ports.js';
import { type Child, startChild, untilUp } from '../processes/child.js';
import { remoteControl } from './control.js';
import { DEFAULT_KEY, ResendCore } from './resend-core.js';
import type { ResendControl, ResendOptions, ResendServer } from './resend-options.js';

const SCRIPT = fileURLToPath(new URL('../../dist/resend/resend-process.js', import.meta.url));

/** Speaks Resend's API on loopback, delivers nothing, and misbehaves on demand. */
export function startResend(options: ResendOptions = {}): Promise<ResendServer> {
  return options.isProcess ? startProcess(options) : startHere(options);
}

async function startHere(options: ResendOptions): Promise<ResendServer> {
  const launch = async (port: number) => {
    const core = new ResendCore(port, options);
    await core.start();
    return core;
  };
  const { started: core, port } = await startOnFreePort(launch, options.port);
  const notHere = async () => {
    throw new LocalStackError('not_a_process', 'Only a server started with `isProcess` can be frozen.');
  };
  return {
    ...addresses(port, options),
    ...methodsOf(core),
    kill: () => core.pause(),
    freeze: notHere,
    thaw: notHere,
    stop: () => core.stop(),
  };
}

async function startProcess(options: ResendOptions): Promise<ResendServer> {
  const temporary = options.dataDir === undefined ? temporaryFolder('resend') : undefined;
  const dataDir = options.dataDir ?? (temporary as { path: string }).path;
  try {
    const server = new ResendProcess(options, dataDir, await freePort());
    await server.launch(options.port);
    return server.control(() => temporary?.remove());
  } catch (error) {
    temporary?.remove();
    throw error;
  }
}

/** The server as a process of its own, which can be killed and frozen, and started again with all that it was told. */
class ResendProcess {
  private readonly remote: ReturnType<typeof remoteControl>;
  private kept: ResendOptions;
  private aheadMs = 0;
  private child: Child | undefined;
  private port = 0;

  constructor(
    private readonly options: ResendOptions,
    private readonly dataDir: string,
    private readonly controlPort: number,
  ) {
    this.remote = remoteControl(controlPort);
    this.kept = options;
  }

  async launch(wanted?: number): Promise<void> {
    const { started, port } = await startOnFreePort((free) => this.start(free), wanted);
    this.child = started;
    this.port = port;
  }

  control(onStopped: () => void): ResendServer {
    const running = () => this.child as Child;
    return {
      ...addresses(this.port, this.options),
      ...this.remote,
      set: async (settings) => {
        this.kept = { ...this.kept, ...settings } as ResendOptions;
        // JSON knows no undefined.
        const entries = Object.entries(settings).map(([name, value]) => [name, value ?? null]);
        await this.remote.set(Object.fromEntries(entries));
      },
      chaos: async (chaos) => {
        this.kept = { ...this.kept, chaos: chaos ?? undefined };
        await this.remote.chaos(chaos);
      },
      advance: async (ms) => {
        this.aheadMs += ms;
        await this.remote.advance(ms);
      },
      resume: async () => {
        if (running().hasExited()) await this.launch(this.port);
        else await this.remote.resume();
      },
      kill: async () => void (await running().stop('SIGKILL')),
      freeze: async () => void process.kill(running().pid, 'SIGSTOP'),
      thaw: async () => void process.kill(running().pid, 'SIGCONT'),
      stop: async () => {
        // A frozen process reacts to no other signal.
        await running().stop('SIGKILL');
        onStopped();
      },
    };
  }

  private async start(port: number): Promise<Child> {
    const child = startChild({
      name: 'The Resend server',
      command: process.execPath,
      args: [SCRIPT, String(port), String(this.controlPort), this.dataDir],
      env: { PATH: process.env.PATH ?? '', RESEND_OPTIONS: JSON.stringify(this.kept) },
      onLine: this.options.onLine,
    });
    await untilUp('The Resend server', child, async () => {
      await this.remote.advance(this.aheadMs);
      return true;
    });
    return child;
  }
}

function addresses(port: number, { apiKeys: [key] = [DEFAULT_KEY] }: ResendOptions) {
  return { url: `resend://${key}@127.0.0.1:${port}`, httpUrl: `http://127.0.0.1:${port}`, port };
}

function methodsOf(core: ResendCore): ResendControl {
  return {
    emails: (options) => core.emails(options),
    requests: () => core.requests(),
    webhooks: () => core.webhooks(),
    when: (rule) => core.when(rule),
    forgetRules: () => core.forgetRules(),
    chaos: (options) => core.chaos(options),
    set: (settings) => core.set(settings),
    advance: (ms) => core.advance(ms),
    webhook: (...args) => core.webhook(...args),
    clear: () => core.clear(),
    pause: () => core.pause(),
    resume: () => core.resume(),
  };
}
