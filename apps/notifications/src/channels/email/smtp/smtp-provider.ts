import SMTPPool from 'nodemailer/lib/smtp-pool';
import type { Allowance, ChannelRequest, Outcome } from '../../channel.js';
import { InFlight } from '../../in-flight.js';
import type { AlertMail } from '../alert-mail.js';
import type { EmailProvider } from '../email-provider.js';
import { RequestLimit } from '../limits/request-limit.js';
import { tooFast } from '../limits/too-fast.js';
import { decodeFrozenMail, type FrozenMail } from './frozen-mail.js';
import { freezeAlertMail } from './message.js';
import { outcomeOf, type SmtpFault } from './outcome.js';
import { type SendTimeouts, sendThroughPool } from './send.js';
import { parseSmtpUrl } from './url.js';

export interface SmtpProviderOptions {
  /** EMAIL_URL, see {@link parseSmtpUrl}. */
  url: string;
  /** What we call ourselves in EHLO, unless the URL says otherwise. Default: as nodemailer does, the name of the machine. */
  clientName?: string | undefined;
  /** Connections to the server at most. Default 20; ask the provider what it allows. */
  maxConnections?: number;
  /** Mails over one connection before a new one is opened. Default 100, which most servers allow. */
  maxMailsPerConnection?: number;
  timeouts?: Partial<SmtpTimeouts>;
}

export interface SmtpTimeouts extends SendTimeouts {
  /** Until the connection is established: TCP and, for `smtps`, TLS. */
  connectMs: number;
  /** Until the server has greeted us, and for an upgrade to TLS. */
  greetingMs: number;
  /** A connection without work is closed after this, before the server does it (RFC 5321 §4.5.3.2.7: 5 minutes). */
  idleMs: number;
  /** How long {@link SmtpProvider.close} waits for what is on the way. */
  closeMs: number;
}

const DEFAULT_TIMEOUTS: SmtpTimeouts = {
  connectMs: 30_000,
  greetingMs: 30_000,
  queueMs: 60_000,
  commandMs: 300_000,
  replyMs: 600_000,
  idleMs: 60_000,
  closeMs: 10_000,
};

/**
 * E-mail over SMTP. Nothing is ever sent twice by this class or by the pool below it: each call ends in one outcome, and
 * trying again is the dispatcher's business. A server cannot recognise a repeated mail, hence `idempotent: false`.
 */
export class SmtpProvider implements EmailProvider {
  readonly format = 'smtp';
  /** One: an answer that takes minutes must not hold up another delivery. */
  readonly maxBatch = 1;
  readonly idempotent = false;
  readonly host: string;
  readonly maxInFlight: number;
  /** A server names none: one by the configuration. */
  readonly limit: RequestLimit | null;

  private readonly pool: SMTPPool;
  private readonly timeouts: SmtpTimeouts;
  private readonly inFlight = new InFlight();

  constructor(options: SmtpProviderOptions) {
    const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
    const maxConnections = options.maxConnections ?? 20;
    const { rate, ...server } = parseSmtpUrl(options.url);
    this.host = `${server.host}:${server.port}`;
    this.timeouts = timeouts;
    // Twice the connections: the next mail is already there when one becomes free.
    this.maxInFlight = maxConnections * 2;
    const { maxInFlight } = this;
    this.limit = rate === undefined ? null : new RequestLimit({ maxInFlight, rate, now: () => performance.now() });
    this.pool = new SMTPPool({
      ...(options.clientName !== undefined && { name: options.clientName }),
      ...server,
      maxConnections,
      maxMessages: options.maxMailsPerConnection ?? 100,
      // The pool would send a mail again when its connection closes; only the dispatcher knows whether that is safe.
      maxRequeues: 0,
      connectionTimeout: timeouts.connectMs,
      greetingTimeout: timeouts.greetingMs,
      dnsTimeout: timeouts.connectMs,
      idleTimeout: timeouts.idleMs,
      // Each mail has its own deadline; this one only catches what they miss.
      socketTimeout: timeouts.commandMs + timeouts.replyMs,
    });
  }

  compose(mail: AlertMail): Buffer {
    return freezeAlertMail(mail);
  }

  allowance(): Allowance {
    return this.limit?.allowance() ?? { calls: this.maxInFlight, againInMs: 0 };
  }

  send(batch: readonly ChannelRequest[], _key?: string, isRequested = false): Promise<Outcome[]> {
    return Promise.all(batch.map((request) => this.sendOne(request, isRequested)));
  }

  async verify(): Promise<string | null> {
    try {
      await this.pool.verify();
      return null;
    } catch (error) {
      const outcome = outcomeOf(error as SmtpFault, { recipient: '', handedOver: false });
      const { host, port } = this.pool.options;
      const cause = 'cause' in outcome ? outcome.cause : outcome.kind;
      return `The mail server ${host}:${port} cannot be used (${cause}); check EMAIL_URL, the server and its certificate.`;
    }
  }

  async close(): Promise<void> {
    this.pool.close();
    await this.inFlight.ended(this.timeouts.closeMs);
    this.pool.close({ force: true });
    await this.inFlight.ended();
  }

  private async sendOne(request: ChannelRequest, isRequested: boolean): Promise<Outcome> {
    let mail: FrozenMail;
    try {
      mail = decodeFrozenMail(request.bytes);
    } catch {
      return { kind: 'refused', reason: 'invalid_frozen_mail', suppress: false };
    }
    return this.inFlight.track(this.sendMail(mail, isRequested));
  }

  private async sendMail(mail: FrozenMail, isRequested: boolean): Promise<Outcome> {
    const waitMs = await this.limit?.begin(isRequested);
    if (typeof waitMs === 'number') return tooFast(waitMs);
    try {
      return await sendThroughPool(this.pool, mail, this.timeouts);
    } finally {
      this.limit?.end(undefined, { isRequested });
    }
  }
}
