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
  const controlPort = await freePort();
  const control = remoteControl(controlPort);
  let kept: ResendOptions = options;
  let aheadMs = 0;
  const launch = async (port: number): Promise<Child> => {
    const child = startChild({
      name: 'The Resend server',
      command: process.execPath,
      args: [SCRIPT, String(port), String(controlPort), dataDir],
      env: { PATH: process.env.PATH ?? '', RESEND_OPTIONS: JSON.stringify(kept) },
      onLine: options.onLine,
    });
    await untilUp('The Resend server', child, async () => {
      await control.advance(aheadMs);
      return true;
    });
    return child;
  };
  try {
    let { started: child, port } = await startOnFreePort(launch, options.port);
    return {
      ...addresses(port, options),
      ...control,
      async set(settings) {
        kept = { ...kept, ...settings } as ResendOptions;
        // JSON knows no undefined.
        const entries = Object.entries(settings).map(([name, value]) => [name, value ?? null]);
        await control.set(Object.fromEntries(entries));
      },
      async chaos(chaos) {
        kept = { ...kept, chaos: chaos ?? undefined };
        await control.chaos(chaos);
      },
      async advance(ms) {
        aheadMs += ms;
        await control.advance(ms);
      },
      async resume() {
        if (child.hasExited()) child = (await startOnFreePort(launch, port)).started;
        else await control.resume();
      },
      kill: async () => void (await child.stop('SIGKILL')),
      freeze: async () => void process.kill(child.pid, 'SIGSTOP'),
      thaw: async () => void process.kill(child.pid, 'SIGCONT'),
      async stop() {
        // One that is frozen heeds nothing else.
        await child.stop('SIGKILL');
        temporary?.remove();
      },
    };
  } catch (error) {
    temporary?.remove();
    throw error;
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
