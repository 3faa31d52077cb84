import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { Delivery } from './delivery.js';

const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;
/** Two heartbeats may be lost; then the request counts as dead. */
const SILENCE_MS = 2.5 * HEARTBEAT_MS;
const NANOS_PER_MS = 1_000_000;

export interface PullSessionOptions {
  connection: NatsConnection;
  stream: string;
  consumer: string;
  inboxPrefix: string;
  onDelivery: (delivery: Delivery) => void;
  /** The last request has ended, fulfilled or expired: another one may be sent. */
  onIdle: () => void;
}

/**
 * Pulls from one durable consumer, one request at a time, for exactly as many messages as there is free capacity: nothing
 * waits in a local queue while `ack_wait` runs. Speaks the pull protocol itself, because the client's iterators discard
 * what is in transit when they stop; this one drains, so that each message can be returned to the server.
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-37.md
 */
export class PullSession {
  private readonly inbox: string;
  private readonly subscription: Subscription;
  private readonly watchdog: NodeJS.Timeout;
  private requests = 0;
  private remaining = 0;
  private heardAtMs = 0;
  private resolveEnded: (why: string) => void = () => undefined;
  /** Why it cannot continue, in the server's words. The consumer has to be looked up again. */
  readonly ended: Promise<string>;

  constructor(private readonly options: PullSessionOptions) {
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    this.inbox = createInbox(options.inboxPrefix);
    this.subscription = options.connection.subscribe(`${this.inbox}.*`, {
      callback: (error, message) => (error ? this.end(error.message) : this.receive(message)),
    });
    this.watchdog = setInterval(() => this.checkSilence(), HEARTBEAT_MS / 2);
  }

  /** Messages that were requested and have not arrived. */
  get outstanding(): number {
    return this.remaining;
  }

  request(batch: number): void {
    this.remaining = batch;
    this.heardAtMs = performance.now();
    const { stream, consumer, connection } = this.options;
    const body = { batch, expires: EXPIRES_MS * NANOS_PER_MS, idle_heartbeat: HEARTBEAT_MS * NANOS_PER_MS };
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(body), {
      reply: `${this.inbox}.${++this.requests}`,
    });
  }

  end(why: string): void {
    clearInterval(this.watchdog);
    this.resolveEnded(why);
  }

  /**
   * Requests no more, but still passes on what the server had sent before it knew.
   * @throws Error when the connection closes meanwhile
   */
  async stop(): Promise<void> {
    this.end('stopped');
    if (this.options.connection.isClosed() || this.subscription.isClosed()) return;
    await this.subscription.drain();
  }

  private receive(message: Msg): void {
    this.heardAtMs = performance.now();
    // A delivery has the event's own subject; a status has the inbox of its request.
    if (message.subject.startsWith(this.inbox)) {
      this.receiveStatus(message);
      return;
    }
    this.remaining = Math.max(this.remaining - 1, 0);
    this.options.onDelivery(new Delivery(message));
    if (this.remaining === 0) this.options.onIdle();
  }

  private receiveStatus(message: Msg): void {
    const isOfThisRequest = message.subject === `${this.inbox}.${this.requests}`;
    const code = message.headers?.code ?? 0;
    if (!isOfThisRequest || code === 100) return;
    if (code === 404 || code === 408) {
      this.remaining = 0;
      this.options.onIdle();
    } else {
      this.end(code === 503 ? 'no responders for the consumer' : (message.headers?.description ?? `status ${code}`));
    }
  }

  private checkSilence(): void {
    if (this.remaining > 0 && performance.now() - this.heardAtMs > SILENCE_MS) this.end('no heartbeat');
  }
}
