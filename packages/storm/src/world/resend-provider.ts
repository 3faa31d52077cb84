import { randomBytes } from 'node:crypto';
import {
  type AcceptedEmail,
  type ChaosOptions,
  type ResendServer,
  startResend,
  type WebhookOptions,
} from '@bellhop/local-stack';
import type { Feedback, ProviderMail } from '../checker/evidence.js';
import type { Misbehaviour, StormProvider } from './provider.js';

/** The line of a mail that phones can read the code from: `@host #123456`. */
const CODE = /^@\S+ #(\d{6})$/m;
/** Only in the addresses of guests. */
const GUESTS_AT = '@guest-';
const MAILBOX = /<([^<>]+)>$/;
/** Longer than any fault lasts: the real provider retries for a day. */
const WEBHOOK_RETRIES_MS = [50, 200, ...Array.from({ length: 900 }, () => 1_000)];
/** The requester of every 29th ticket of `crm` has a mailbox that does not exist. */
const BOUNCE_EVERY = 29;
const BOUNCING = Array.from({ length: 400 }, (_, index) => `r-${index * BOUNCE_EVERY}@crm.example`);
const STATES: Partial<Record<string, Feedback['state']>> = {
  'email.delivered': 'delivered',
  'email.bounced': 'bounced',
};

const CHAOS: Record<Misbehaviour, Omit<ChaosOptions, 'seed'>> = {
  lost_answers: { dropAfter: 0.4, truncateAfter: 0.2, garbageAfter: 0.2 },
  errors: { failBefore: 0.4, failAfter: 0.2, reset: 0.2, dropBefore: 0.1 },
  silence: { hangBefore: 0.2, hangAfter: 0.3, delayAfter: 0.2 },
  throttling: { throttle: 0.6 },
  refused_connections: {},
};

/** A provider with idempotency keys, in a process of its own, so that it can be killed. */
export async function startResendProvider(): Promise<StormProvider> {
  const server = await startResend({
    isProcess: true,
    // Guests read their codes from them.
    hasBodies: { to: GUESTS_AT },
    // The latency of a provider in the same city: every kill interrupts requests.
    delayMs: 20,
  });
  return new ResendProvider(server);
}

class ResendProvider implements StormProvider {
  readonly kind = 'resend';
  readonly refusedAddresses = BOUNCING;
  private readonly secret = `whsec_${randomBytes(24).toString('base64')}`;
  private misbehaviour: Misbehaviour | undefined;
  private readonly codes = new Map<string, string>();
  /** How many mails were searched for codes. */
  private read = 0;
  private reading = Promise.resolve();

  constructor(private readonly server: ResendServer) {}

  get port(): number {
    return this.server.port;
  }

  get settings(): Readonly<Record<string, string>> {
    return { RESEND_WEBHOOK_SECRETS: this.secret };
  }

  urlThrough(port: number): string {
    const url = new URL(this.server.url);
    url.port = String(port);
    return url.href;
  }

  reportTo(url: string | null): Promise<void> {
    return this.server.set({ webhooks: url === null ? undefined : webhooksTo(url, this.secret) });
  }

  async misbehave(how: Misbehaviour, seed: number): Promise<void> {
    this.misbehaviour = how;
    if (how === 'refused_connections') await this.server.kill();
    else await this.server.chaos({ seed, ...CHAOS[how] });
  }

  async behave(): Promise<void> {
    const { server, misbehaviour } = this;
    if (misbehaviour === undefined) return;
    if (misbehaviour !== 'refused_connections') {
      await server.chaos(null);
      // Requests that it left unanswered wait until their connections end.
      await server.pause();
    }
    await server.resume();
    // Last, so that whatever failed is tried again by the next.
    this.misbehaviour = undefined;
  }

  async mails(): Promise<ProviderMail[]> {
    return (await this.server.emails({ isBrief: true })).map((email) => ({
      deliveryId: email.tags.delivery ?? null,
      to: recipientOf(email),
      // All mails of one request are accepted at one moment.
      ...(email.key !== null && { key: email.key, request: String(email.acceptedAt) }),
    }));
  }

  async codeFor(address: string): Promise<string | undefined> {
    // One at a time: concurrent readers would count the same mails twice, and miss as many later.
    const readOn = () => this.readCodes();
    this.reading = this.reading.then(readOn, readOn);
    await this.reading;
    return this.codes.get(address);
  }

  async feedback(): Promise<Feedback[]> {
    const emails = await this.server.emails({ isBrief: true });
    const deliveries = new Map(emails.map(({ id, tags }) => [id, tags.delivery]));
    return (await this.server.webhooks()).flatMap(({ type, emailId, statuses }) => {
      const state = STATES[type];
      const deliveryId = deliveries.get(emailId);
      const isTaken = statuses.some((status) => status >= 200 && status < 300);
      return state && deliveryId ? [{ deliveryId, state, isTaken }] : [];
    });
  }

  async isAtRest(): Promise<boolean> {
    return (await this.server.webhooks()).every(({ isOver }) => isOver);
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  private async readCodes(): Promise<void> {
    for (const { to, text } of await this.server.emails({ from: this.read })) {
      this.read += 1;
      const code = CODE.exec(text ?? '')?.[1];
      if (code) this.codes.set(recipientOf({ to }), code);
    }
  }
}

function webhooksTo(url: string, secret: string): WebhookOptions {
  return {
    url: `${url}/webhooks/resend`,
    secrets: [secret],
    isDelivering: true,
    fates: Object.fromEntries(BOUNCING.map((address) => [address, { type: 'email.bounced' as const }])),
    retryMs: WEBHOOK_RETRIES_MS,
    isShuffled: true,
    duplicates: 0.1,
  };
}

function recipientOf({ to: [first = ''] }: Pick<AcceptedEmail, 'to'>): string {
  return MAILBOX.exec(first)?.[1] ?? first;
}
