import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { seededRandom } from './chaos.js';
import {
  type AcceptedEmail,
  type EmailEvent,
  type EmailEventType,
  type EmailFate,
  eventOf,
  fateOf,
  messageId,
} from './email-events.js';
import { signedHeaders } from './webhook-signature.js';

export interface WebhookOptions {
  /** Where the events go. */
  url: string;
  /** `whsec_<base64>`; each signs. */
  secrets: string[];
  /** Whether `email.delivered` follows `email.sent`. Default false. */
  isDelivering?: boolean;
  /** What follows instead, by bare address of a recipient. Resend's test addresses need no entry. */
  fates?: Record<string, EmailFate>;
  /** Pauses before the further attempts, when the receiver did not answer 2xx; then it is given up. Default 50, 200, 1000, 1000, 1000. */
  retryMs?: number[];
  /** No answer in this time is a failed attempt. Default 5000. */
  timeoutMs?: number;
  /** Default 16. */
  maxInFlight?: number;
  /** Sends what waits in any order. Default false. */
  isShuffled?: boolean;
  /** Probability that an event is sent once more although it was taken. Default 0. */
  duplicates?: number;
  /** For shuffling and duplicates. Default 1. */
  seed?: number;
}

/** One event and what the receiver answered to each attempt: a status, or 0 for none. */
export interface WebhookMessage {
  id: string;
  type: EmailEventType;
  emailId: string;
  statuses: number[];
  /** Taken, or given up. */
  isOver: boolean;
}

/** A webhook sent by hand: once, without further attempts. */
export interface WebhookByHand {
  extra?: Record<string, unknown>;
  /** How often the same message goes out. Default 1. */
  copies?: number;
  /** How old its timestamp is. Default 0. */
  ageMs?: number;
  /** Left out, or made with a secret that nobody knows. Default right. */
  signature?: 'right' | 'none' | 'wrong';
  /** Its `svix-id`. Default: that of this event. */
  id?: string;
}

const RETRY_MS = [50, 200, 1_000, 1_000, 1_000];

interface Waiting {
  message: WebhookMessage;
  event: EmailEvent;
}

/** Sends events to one receiver: at least once, in no order that can be relied on. */
export class Webhooks {
  readonly messages: WebhookMessage[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly queue: Waiting[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private random: () => number;
  private inFlight = 0;
  private isStopped = false;

  constructor(
    private options: WebhookOptions | undefined,
    private readonly onOver: (id: string) => void = () => undefined,
  ) {
    this.random = seededRandom(options?.seed ?? 1);
  }

  configure(options: WebhookOptions | undefined): void {
    this.options = options;
    this.random = seededRandom(options?.seed ?? 1);
  }

  /** The events of a mail that was just accepted, except those that `isOver` knows to be done with. */
  announce(email: AcceptedEmail, isOver: (id: string) => boolean = () => false): void {
    if (!this.options) return;
    const fate = this.fateOf(email);
    for (const { type, extra } of [{ type: 'email.sent' } as EmailFate, ...(fate ? [fate] : [])]) {
      const message = { id: messageId(type, email.id), type, emailId: email.id, statuses: [], isOver: false };
      if (isOver(message.id)) continue;
      this.messages.push(message);
      this.enqueue({ message, event: eventOf(type, email, Date.now(), extra) });
    }
  }

  lastEventOf(email: AcceptedEmail): string {
    return (this.fateOf(email)?.type ?? 'email.sent').slice('email.'.length);
  }

  /** @returns the status of each attempt, 0 for no answer. */
  async byHand(
    type: EmailEventType,
    email: Pick<AcceptedEmail, 'id'> & Partial<AcceptedEmail>,
    options: WebhookByHand = {},
  ): Promise<number[]> {
    const { extra, copies = 1, ageMs = 0, signature = 'right', id = messageId(type, email.id) } = options;
    const body = JSON.stringify(eventOf(type, email, Date.now() - ageMs, extra));
    const foreign = `whsec_${Buffer.from(randomUUID()).toString('base64')}`;
    const secrets = signature === 'right' ? (this.options?.secrets ?? []) : [foreign];
    const { 'svix-signature': signed, ...headers } = signedHeaders(id, Date.now() - ageMs, body, secrets);
    const all = signature === 'none' ? headers : { ...headers, 'svix-signature': signed };
    return Promise.all(Array.from({ length: copies }, () => this.post(body, all)));
  }

  clear(): void {
    this.messages.length = 0;
    this.queue.length = 0;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  stop(): void {
    this.isStopped = true;
    this.clear();
    this.agent.destroy();
  }

  private fateOf(email: AcceptedEmail): EmailFate | undefined {
    return fateOf(email, this.options?.fates ?? {}, this.options?.isDelivering ?? false);
  }

  private enqueue(waiting: Waiting): void {
    this.queue.push(waiting);
    this.pump();
  }

  private pump(): void {
    while (!this.isStopped && this.inFlight < (this.options?.maxInFlight ?? 16) && this.queue.length > 0) {
      const index = this.options?.isShuffled ? Math.floor(this.random() * this.queue.length) : 0;
      // At most a few thousand wait: taking one out of the middle is cheap enough.
      const [waiting] = this.queue.splice(index, 1) as [Waiting];
      this.inFlight++;
      void this.attempt(waiting).finally(() => {
        this.inFlight--;
        this.pump();
      });
    }
  }

  private async attempt(waiting: Waiting): Promise<void> {
    const { message, event } = waiting;
    const body = JSON.stringify(event);
    const headers = signedHeaders(message.id, Date.now(), body, this.options?.secrets ?? []);
    const status = await this.post(body, headers);
    if (this.isStopped) return;
    message.statuses.push(status);
    const isTaken = status >= 200 && status < 300;
    if (isTaken && this.random() < (this.options?.duplicates ?? 0)) return this.later(waiting, 0);
    const pauseMs = (this.options?.retryMs ?? RETRY_MS)[message.statuses.length - 1];
    if (!isTaken && pauseMs !== undefined) return this.later(waiting, pauseMs);
    message.isOver = true;
    this.onOver(message.id);
  }

  private later(waiting: Waiting, pauseMs: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.enqueue(waiting);
    }, pauseMs);
    this.timers.add(timer);
  }

  private post(body: string, headers: Record<string, string>): Promise<number> {
    const { url, timeoutMs = 5_000 } = this.options ?? {};
    if (url === undefined) return Promise.resolve(0);
    return new Promise((resolve) => {
      const length = Buffer.byteLength(body);
      const call = request(url, {
        method: 'POST',
        agent: this.agent,
        timeout: timeoutMs,
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': length,
          'user-agent': 'Svix-Webhooks/1.0',
        },
      });
      call.once('response', (answer) => {
        answer.resume();
        answer.once('close', () => resolve(answer.complete ? (answer.statusCode ?? 0) : 0));
      });
      call.once('timeout', () => call.destroy());
      call.once('error', () => resolve(0));
      call.end(body);
    });
  }
}
