import { randomBytes } from 'node:crypto';
import {
  type AcceptedEmail,
  type ChaosOptions,
  type ResendServer,
  startResend,
  type WebhookOptions,
} from '@bellhop/local-stack';
import type { Feedback } from '../checker/evidence.js';
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
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  let misbehaviour: Misbehaviour | undefined;
  const codes = new Map<string, string>();
  let read = 0;
  let reading = Promise.resolve();
  const readOn = async () => {
    for (const { to, text } of await server.emails({ from: read })) {
      read += 1;
      const code = CODE.exec(text ?? '')?.[1];
      if (code) codes.set(recipientOf({ to }), code);
    }
  };
  return {
    kind: 'resend',
    port: server.port,
    urlThrough(port) {
      const url = new URL(server.url);
      url.port = String(port);
      return url.href;
    },
    settings: { RESEND_WEBHOOK_SECRETS: secret },
    refusedAddresses: BOUNCING,
    reportTo: (url) => server.set({ webhooks: url === null ? undefined : webhooksTo(url, secret) }),
    async misbehave(how, seed) {
      misbehaviour = how;
      if (how === 'refused_connections') await server.kill();
      else await server.chaos({ seed, ...CHAOS[how] });
    },
    async behave() {
      await endMisbehaviour(server, misbehaviour);
      misbehaviour = undefined;
    },
    mails: async () =>
      (await server.emails({ isBrief: true })).map((email) => ({
        deliveryId: email.tags.delivery ?? null,
        to: recipientOf(email),
        // All mails of one request are accepted at one moment.
        ...(email.key !== null && { key: email.key, request: String(email.acceptedAt) }),
      })),
    async codeFor(address) {
      // One at a time: concurrent readers would count the same mails twice, and miss as many later.
      reading = reading.then(readOn, readOn);
      await reading;
      return codes.get(address);
    },
    async feedback() {
      const deliveries = new Map((await server.emails({ isBrief: true })).map(({ id, tags }) => [id, tags.delivery]));
      return (await server.webhooks()).flatMap(({ type, emailId, statuses }) => {
        const state = STATES[type];
        const deliveryId = deliveries.get(emailId);
        const isTaken = statuses.some((status) => status >= 200 && status < 300);
        return state && deliveryId ? [{ deliveryId, state, isTaken }] : [];
      });
    },
    isAtRest: async () => (await server.webhooks()).every(({ isOver }) => isOver),
    stop: () => server.stop(),
  };
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

async function endMisbehaviour(server: ResendServer, misbehaviour: Misbehaviour | undefined): Promise<void> {
  if (misbehaviour === undefined) return;
  if (misbehaviour === 'refused_connections') return server.resume();
  await server.chaos(null);
  // Requests that it left unanswered wait until their connections end.
  await server.pause();
  await server.resume();
}
