import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '@bellhop/contracts/streams';
import {
  type Mailbox,
  type MaildevMail,
  type NatsServer,
  type OidcProvider,
  type PostgresServer,
  provisionApp,
  type RunningApp,
  startApp,
  startMailbox,
  startNats,
  startOidc,
  startPostgres,
  untilReady,
  waitFor,
} from '@bellhop/local-stack';
import pg from 'pg';
import { Browser, type BrowserAnswer } from './browser.js';

const APPS = ['tickets', 'notifications', 'guest-auth'] as const satisfies ServiceName[];
const PUBLIC_URL = 'https://support.example.test';
const FORM = { category: 'trading', subject: 'An order is missing', body: 'I cannot see it.' };

export interface Filed {
  readonly id: string;
  readonly number: string;
  readonly challengeId: string;
}

/** Every service as built, with the NATS permissions of production, and a mailbox. */
export class HelpDesk {
  readonly apps = {} as Record<ServiceName, RunningApp>;
  readonly databases = {} as Record<ServiceName, string>;
  /** Every line of output of all processes. */
  readonly lines: string[] = [];
  private readonly cleanups: (() => unknown)[] = [];
  postgres!: PostgresServer;
  nats!: NatsServer;
  mailbox!: Mailbox;
  private oidc!: OidcProvider;

  static async start(): Promise<HelpDesk> {
    const desk = new HelpDesk();
    try {
      await desk.start();
      return desk;
    } catch (error) {
      await desk.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.apps).map((app) => app.stop()));
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
  }

  /** @throws Error unless the answer asks for a code */
  async file(browser: Browser, email: string): Promise<Filed> {
    return browser.must('POST', `${this.apps.tickets.url}/tickets`, { body: formOf(email) });
  }

  /** Files, reads the mail and types the code. */
  async fileAndProve(browser: Browser, email: string): Promise<Filed> {
    const filed = await this.file(browser, email);
    await this.prove(browser, filed.challengeId, codeIn(await this.mailTo(email, hasCode)));
    // `tickets` learns by an event that the address is proven.
    const isOnDesk = async () => (await this.agent('GET', `/desk/tickets/${filed.id}`)).status === 200;
    await waitFor(isOnDesk, { what: 'the ticket to be on the desk' });
    return filed;
  }

  async prove(browser: Browser, challengeId: string, code: string): Promise<void> {
    const url = `${this.apps['guest-auth'].url}/guest/challenges/${challengeId}/verification`;
    await browser.must('POST', url, { body: { code } });
  }

  async reply(ticketId: string, body: string): Promise<void> {
    const { status } = await this.agent('POST', `/desk/tickets/${ticketId}/replies`, { body });
    if (status !== 201) throw new Error(`the reply was answered by ${status}`);
  }

  /** A request of an agent to `tickets`. */
  async agent(method: string, path: string, body?: unknown): Promise<BrowserAnswer> {
    const headers = { authorization: `Bearer ${await this.oidc.token('agent@example.com')}` };
    return new Browser().ask(method, this.apps.tickets.url + path, { body, headers });
  }

  /** A request of an operator to `notifications`, with a reason. */
  async operator(method: string, path: string, body?: unknown): Promise<BrowserAnswer> {
    const headers = {
      authorization: `Bearer ${await this.oidc.token('ops@example.com')}`,
      'audit-reason': 'asked for',
    };
    return new Browser().ask(method, this.apps.notifications.url + path, { body, headers });
  }

  /** Copies the database of a service, which is stopped meanwhile. @returns the URL of the copy */
  async backup(app: ServiceName): Promise<string> {
    await this.stopApp(app);
    const copy = new URL(this.databases[app]);
    const [from, to] = [copy.pathname.slice(1), `${copy.pathname.slice(1)}_backup`];
    const client = new pg.Client({ connectionString: new URL('/postgres', copy).href });
    await client.connect();
    await client.query(`create database "${to}" template "${from}"`);
    await client.end();
    await this.startAgain(app);
    copy.pathname = `/${to}`;
    return copy.href;
  }

  /** Restarts a service with another database. */
  async restore(app: ServiceName, backup: string): Promise<void> {
    await this.stopApp(app);
    this.databases[app] = backup;
    await this.startAgain(app);
  }

  /** The folder with the files of tickets. */
  get attachments(): string {
    return this.folder('attachments');
  }

  /** Stops the process of a service, until `startAgain`. */
  async stopApp(app: ServiceName): Promise<void> {
    await this.apps[app].stop();
  }

  startAgain(app: ServiceName): Promise<void> {
    return this.launch(app);
  }

  async rows<T>(app: ServiceName, sql: string): Promise<{ rows: T[] }> {
    const client = new pg.Client({ connectionString: this.databases[app] });
    await client.connect();
    try {
      return { rows: (await client.query(sql)).rows as T[] };
    } finally {
      await client.end();
    }
  }

  /** Waits for a mail to this address that matches; the newest if there are several. */
  mailTo(email: string, isWanted: (mail: MaildevMail) => boolean = () => true): Promise<MaildevMail> {
    return waitFor(async () => (await this.mailsTo(email)).filter(isWanted).at(-1), {
      timeoutMs: 20_000,
      what: 'the mail',
    });
  }

  async mailsTo(email: string): Promise<MaildevMail[]> {
    const mails = await this.mailbox.mails();
    return mails.filter(({ to }) => to.some(({ address }) => address.toLowerCase() === email.toLowerCase()));
  }

  private async start(): Promise<void> {
    [this.postgres, this.nats, this.mailbox, this.oidc] = await Promise.all([
      this.owned(startPostgres()),
      this.owned(startNats({ accounts: true })),
      this.owned(startMailbox()),
      this.owned(startOidc()),
    ]);
    for (const app of APPS) this.databases[app] = await this.postgres.createDatabase();
    await Promise.all(APPS.map((app) => this.provision(app)));
    await Promise.all(APPS.map((app) => this.launch(app)));
  }

  private async launch(app: ServiceName): Promise<void> {
    // Assigned before it is ready, so that it is also stopped if it never is.
    this.apps[app] = await startApp({ app, env: this.environment(app), onLine: (line) => this.lines.push(line) });
    await untilReady(app, this.apps[app].opsUrl);
  }

  private provision(app: ServiceName): Promise<void> {
    return provisionApp(app, { ...this.environment(app), NATS_URL: this.nats.urlFor('provisioner') });
  }

  private environment(app: ServiceName): Record<string, string> {
    return {
      NATS_URL: this.nats.urlFor(app),
      DATABASE_URL: this.databases[app],
      PUBLIC_URL,
      OIDC_ISSUER: this.oidc.issuer,
      OIDC_AUDIENCE: this.oidc.audience,
      TRUSTED_PROXIES: '127.0.0.1',
      EMAIL_URL: this.mailbox.smtpUrl,
      EMAIL_FROM: 'Example Support <support@example.test>',
      PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64'),
      ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
      GUEST_AUTH_KEY: Buffer.alloc(32, 8).toString('base64'),
      INBOUND_SYSTEMS: 'crm=https://crm.example.com/',
      ALERT_QUIET_SECONDS: '0',
      ATTACHMENTS_FOLDER: this.folder('attachments'),
    };
  }

  private folder(name: string): string {
    this.files ??= mkdtempSync(join(tmpdir(), 'bellhop-help-desk-'));
    return join(this.files, name);
  }

  private files: string | undefined;

  private async owned<T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> {
    const started = await starting;
    if (this.cleanups.length === 0)
      this.cleanups.push(() => this.files && rmSync(this.files, { recursive: true, force: true }));
    this.cleanups.push(() => started.stop());
    return started;
  }
}

export const formOf = (email: string) => ({ ...FORM, guest: { email, locale: 'en' } });

/** The last line of the text, which phones can read the code from. */
const CODE = /^@\S+ #(\d{6})$/m;

export const hasCode = ({ text }: MaildevMail): boolean => CODE.test(text ?? '');

export function codeIn({ text }: MaildevMail): string {
  return CODE.exec(text ?? '')?.[1] ?? '';
}

/** The part after `/t/` of the link in a mail; empty without a link. */
export function linkIn({ text }: MaildevMail): string {
  return /\/t\/([A-Za-z0-9_-]{43})\b/.exec(text ?? '')?.[1] ?? '';
}
