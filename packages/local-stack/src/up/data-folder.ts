import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppName } from '@bellhop/contracts/streams';
import { canEnter, type User } from '../folders.js';
import { LocalStackError } from '../local-stack.errors.js';
import { describeProcess } from '../processes/describe-process.js';
import { watchFolder } from '../processes/reaper.js';
import { createVapidKeys } from '../push/vapid-keys.js';
import { readJson } from './read-json.js';

/** The secret keys of the apps, each by its setting and in a file of its own. */
const KEY_FILES = {
  PAYLOAD_KEY: 'payload-key',
  GUEST_AUTH_KEY: 'guest-auth-key',
  ERASURE_KEY: 'erasure-key',
  SESSION_KEY: 'session-key',
} as const;

const VAPID_FILE = 'vapid-keys';

/** What else a fresh start deletes. */
const PARTS = ['nats', 'attachments', 'mailbox', 'push', 'oidc', 'logs', 'ports.json'];

/** `up.json`: URLs by name; `ops` has those of the apps' inner ports. */
export type Addresses = Record<string, string | Record<string, string>>;

/** The key of an app in `up.json`: `guestAuth`. */
export function addressKey(app: AppName): string {
  return app.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** What `up` keeps between two runs, and the files by which other programs find a running one. */
export class DataFolder {
  /** The data of Postgres: in the folder, unless the user that Postgres runs as may not enter it. */
  readonly postgres: string;
  readonly isOpen: boolean;
  private readonly lockFile: string;
  private forget: (() => void)[] = [];

  constructor(
    readonly path: string,
    postgresUser: User | undefined,
  ) {
    mkdirSync(path, { recursive: true });
    this.lockFile = join(path, 'up.pid');
    const name = createHash('sha256').update(path).digest('hex').slice(0, 12);
    this.isOpen = !postgresUser || canEnter(path, postgresUser);
    this.postgres = this.isOpen ? join(path, 'postgres') : join('/var/tmp', `bellhop-postgres-${name}`);
  }

  /** @throws LocalStackError `already_up` while another `up` uses this folder */
  lock(): void {
    const pid = existsSync(this.lockFile) ? Number(readFileSync(this.lockFile, 'utf8')) : 0;
    if (pid && pid !== process.pid && describeProcess(pid)?.includes('up.')) {
      const seeFile = existsSync(this.upFile) ? `Its addresses are in ${this.upFile}.` : 'It is still starting.';
      throw new LocalStackError('already_up', `Bellhop is running already (process ${pid}). ${seeFile}`);
    }
    writeFileSync(this.lockFile, String(process.pid));
    this.forget.push(watchFolder(this.lockFile));
  }

  /** Starts empty. Only after `lock`. */
  empty(): void {
    for (const part of [...PARTS, VAPID_FILE, ...Object.values(KEY_FILES)]) {
      rmSync(join(this.path, part), { recursive: true, force: true });
    }
    rmSync(this.postgres, { recursive: true, force: true });
  }

  folder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** The record of the processes that run on this data. */
  get processesFile(): string {
    return join(this.path, 'processes.json');
  }

  /** Stores the ports of this run and returns those of the run before. */
  exchangePorts(ports: Record<string, number>): Record<string, number> {
    const file = join(this.path, 'ports.json');
    const before = readJson<Record<string, number>>(file, {});
    writeFileSync(file, JSON.stringify(ports));
    return before;
  }

  /** 32 random bytes in base64 for each secret key, made once: what was encrypted with them must stay readable. */
  keys(): Record<string, string> {
    const key = (name: string) => this.secret(name, () => randomBytes(32).toString('base64'));
    return Object.fromEntries(Object.entries(KEY_FILES).map(([setting, name]) => [setting, key(name)]));
  }

  /** The key pair for web push, `<public>:<private>`, made once: browsers are bound to it. */
  vapidKeys(): string {
    return this.secret(VAPID_FILE, () => {
      const { publicKey, privateKey } = createVapidKeys();
      return `${publicKey}:${privateKey}`;
    });
  }

  get upFile(): string {
    return join(this.path, 'up.json');
  }

  /** Written atomically, so that nobody reads half of it; deleted when `up` ends. */
  publish(addresses: Addresses): void {
    const half = `${this.upFile}.${process.pid}`;
    writeFileSync(half, `${JSON.stringify(addresses, null, 2)}\n`, { mode: 0o600 });
    this.forget.push(watchFolder(this.upFile));
    renameSync(half, this.upFile);
  }

  release(): void {
    for (const remove of this.forget) remove();
    this.forget = [];
  }

  private secret(name: string, make: () => string): string {
    const file = join(this.path, name);
    if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
    return readFileSync(file, 'utf8');
  }
}
