import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../folders.js';
import { startOnFreePorts } from '../ports.js';
import { type Child, startChild, untilUp } from '../processes/child.js';
import { greeting } from './nats.js';

/** A mail as maildev's REST interface shows it; header names are in lower case. */
export interface MaildevMail {
  id: string;
  time: string;
  subject: string;
  from: { address: string; name: string }[];
  to: { address: string; name: string }[];
  cc?: { address: string; name: string }[];
  headers: Record<string, string>;
  /** What the SMTP client said: envelope sender and recipients. */
  envelope: { from: { address: string } | false; to: { address: string }[] };
  text?: string;
  html?: string;
  attachments?: unknown[] | null;
}

export interface MailboxOptions {
  smtpPort?: number;
  webPort?: number;
  /** Where mails are kept; without it: a temporary folder. */
  dataDir?: string;
  onLine?: (line: string) => void;
}

export interface Mailbox {
  readonly smtpUrl: string;
  readonly webUrl: string;
  /** All mails, the oldest first. */
  mails(): Promise<MaildevMail[]>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** Takes every mail and delivers none. */
export async function startMailbox(options: MailboxOptions = {}): Promise<Mailbox> {
  const temporary = options.dataDir === undefined ? temporaryFolder('mailbox') : undefined;
  const folder = options.dataDir ?? (temporary as { path: string }).path;
  const launch = async ([smtpPort, webPort]: readonly [number, number]): Promise<Child> => {
    const ports = ['--smtp', String(smtpPort), '--web', String(webPort), '--ip', '127.0.0.1'];
    const child = startChild({
      name: 'The mailbox',
      command: process.execPath,
      args: [maildevScript(), ...ports, '--mail-directory', folder],
      env: { PATH: process.env.PATH ?? '' },
      onLine: options.onLine,
    });
    const health = `http://127.0.0.1:${webPort}/healthz`;
    // It takes the port of its page first, and may still fail to get the other.
    const isUp = async () => (await fetch(health)).ok && (await greeting(smtpPort, '220 '));
    await untilUp('The mailbox', child, async () => (await isUp()) || undefined);
    return child;
  };
  try {
    const { started: child, ports } = await startOnFreePorts([options.smtpPort, options.webPort], launch);
    const [smtpPort, webPort] = ports;
    const webUrl = `http://127.0.0.1:${webPort}`;
    return {
      smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
      webUrl,
      mails: async () => (await (await fetch(`${webUrl}/email`)).json()) as MaildevMail[],
      clear: async () => void (await fetch(`${webUrl}/email/all`, { method: 'DELETE' })),
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

function maildevScript(): string {
  const manifest = createRequire(import.meta.url).resolve('maildev/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string | Record<string, string> };
  return join(dirname(manifest), typeof bin === 'string' ? bin : (bin.maildev as string));
}
