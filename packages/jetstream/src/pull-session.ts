import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { Delivery } from './delivery.js';

const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;
/** Two heartbeats may be lost; then the request is taken for dead. */
const SILENCE_MS = 2.5 * HEARTBEAT_MS;
const NANOS_PER_MS = 1_000_000;

export interface PullSessionOptions {
  connection: NatsConnection;
  stream: string;
  consumer: string;
  inboxPrefix: string;
  onDelivery: (delivery: Delivery) => void;
  /** The last request has ended, in full or by time: room for another. */
  onIdle: () => void;
}

/**
 * Pulls from one durable consumer, one request at a time, for exactly as many messages as there is room for: nothing
 * waits in a local queue while the server's clock runs. Speaks the pull protocol itself, because the client's
 * iterators throw away what is in transit when they stop; this one drains, so that each message can be handed back.
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-37.md
 */
export class PullSession {
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #watchdog: NodeJS.Timeout;
  #request = 0;
  #outstanding = 0;
  #heardAtMs = 0;
  #end: (why: string) => void = () => undefined;
  /** Why it can go on no longer, in the server's words. The consumer has to be looked up again. */
  readonly ended: Promise<string>;

  constructor(private readonly options: PullSessionOptions) {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#inbox = createInbox(options.inboxPrefix);
    this.#subscription = options.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => (error ? this.end(error.message) : this.#hear(message)),
    });
    this.#watchdog = setInterval(() => this.#watch(), HEARTBEAT_MS / 2);
  }

  /** How many messages were asked for and have not come. */
  get outstanding(): number {
    return this.#outstanding;
  }

  request(batch: number): void {
    this.#outstanding = batch;
    this.#heardAtMs = performance.now();
    const { stream, consumer, connection } = this.options;
    const body = { batch, expires: EXPIRES_MS * NANOS_PER_MS, idle_heartbeat: HEARTBEAT_MS * NANOS_PER_MS };
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(body), {
      reply: `${this.#inbox}.${++this.#request}`,
    });
  }

  end(why: string): void {
    clearInterval(this.#watchdog);
    this.#end(why);
  }

  /** Takes no more, but still hands over what the server had sent before it heard of that. */
  async stop(): Promise<void> {
    this.end('stopped');
    if (this.options.connection.isClosed() || this.#subscription.isClosed()) return;
    await this.#subscription.drain().catch(() => undefined);
  }

  #hear(message: Msg): void {
    this.#heardAtMs = performance.now();
    // A delivery carries the event's own subject; a status carries the inbox it was asked on.
    if (message.subject.startsWith(this.#inbox)) {
      this.#hearStatus(message);
      return;
    }
    this.#outstanding = Math.max(this.#outstanding - 1, 0);
    this.options.onDelivery(new Delivery(message));
    if (this.#outstanding === 0) this.options.onIdle();
  }

  #hearStatus(message: Msg): void {
    const isOfThisRequest = message.subject === `${this.#inbox}.${this.#request}`;
    const code = message.headers?.code ?? 0;
    if (!isOfThisRequest || code === 100) return;
    if (code === 404 || code === 408) {
      this.#outstanding = 0;
      this.options.onIdle();
    } else {
      this.end(code === 503 ? 'nobody answers for the consumer' : (message.headers?.description ?? `status ${code}`));
    }
  }

  #watch(): void {
    if (this.#outstanding > 0 && performance.now() - this.#heardAtMs > SILENCE_MS) this.end('no heartbeat');
  }
}
