import { describeEventProblems } from '@bellhop/contracts/events';
import { RPC_TIMEOUT_MS, type RpcName, rpcs } from '@bellhop/contracts/rpc';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import type { LoggerService } from '@nestjs/common';
import { describeError } from '../errors.js';
import type { NatsLink } from '../nats-link.js';
import { QuestionQueue } from './question-queue.js';
import { RpcRefusal } from './rpc-errors.js';
import { errorHeaders } from './rpc-wire.js';

export interface RpcServerOptions {
  link: NatsLink;
  /** The queue group: one of its replicas gets each question. */
  service: string;
  /** An error that passes by itself is told as `unavailable`, any other as `failed`. */
  isTransientError: (error: unknown) => boolean;
  log: LoggerService;
}

/** Of one subject. More than a database has connections, since some wait for another service meanwhile. */
const MAX_OPEN = 100;

type Handle = (request: unknown) => Promise<unknown>;
type Schema = (typeof rpcs)[RpcName]['request'];

const schemas = new Map<string, Schema>(Object.values(rpcs).map(({ subject, request }) => [subject, request]));

/** Answers questions over core NATS, one subscription per subject, as long as there is a connection. */
export class RpcServer {
  readonly #handlers = new Map<string, Handle>();
  readonly #open = new Set<Promise<void>>();
  #subscriptions: Subscription[] = [];
  #subscribedOn: NatsConnection | null = null;
  #unwatch: () => void = () => undefined;

  constructor(private readonly options: RpcServerOptions) {}

  /** @throws Error when the contract knows no such subject, or it is answered already */
  add(subject: string, handle: Handle): void {
    if (!schemas.has(subject)) throw new Error(`the contract knows no question ${subject}`);
    if (this.#handlers.has(subject)) throw new Error(`two handlers answer ${subject}`);
    this.#handlers.set(subject, handle);
  }

  get isEmpty(): boolean {
    return this.#handlers.size === 0;
  }

  start(): void {
    this.#unwatch = this.options.link.watch({ onConnect: (connection) => this.#subscribe(connection) });
  }

  /** Takes no more questions, and resolves when all are answered. */
  async drain(): Promise<void> {
    this.#unwatch();
    await Promise.all(this.#subscriptions.map((subscription) => subscription.drain().catch(() => undefined)));
    await Promise.all(this.#open);
  }

  /** The client renews subscriptions itself when it comes back; a new connection begins without any. */
  #subscribe(connection: NatsConnection): void {
    if (this.#subscribedOn === connection) return;
    this.#subscribedOn = connection;
    this.#subscriptions = [...this.#handlers].map(([subject, handle]) => {
      const queue = new QuestionQueue({ maxOpen: MAX_OPEN, patienceMs: RPC_TIMEOUT_MS });
      return connection.subscribe(subject, {
        queue: this.options.service,
        callback: (error, message) => {
          if (!error) this.#take(subject, () => queue.pass(() => this.#answer(subject, handle, message)));
          else this.options.log.error(`questions on ${subject} cannot be heard: ${describeError(error)}`);
        },
      });
    });
  }

  #take(subject: string, answer: () => Promise<boolean>): void {
    const answering = answer().then(
      (isAnswered) => {
        if (!isAnswered) this.options.log.warn(`a question on ${subject} waited for so long that it was dropped`);
      },
      (error) => this.options.log.warn(`an answer to ${subject} could not be sent: ${describeError(error)}`),
    );
    this.#open.add(answering);
    void answering.finally(() => this.#open.delete(answering));
  }

  async #answer(subject: string, handle: Handle, message: Msg): Promise<void> {
    // Whoever owns a stream can have the server deliver what is in it to any subject; its own stays on the message.
    if (message.subject !== subject || !message.reply) {
      this.options.log.warn(`refused a message of ${message.subject} that was delivered to ${subject}`);
      return;
    }
    try {
      const answer = await handle(parse(subject, message));
      message.respond(JSON.stringify(answer ?? null));
    } catch (error) {
      message.respond('', { headers: errorHeaders(this.#refusalOf(subject, error)) });
    }
  }

  #refusalOf(subject: string, error: unknown): RpcRefusal {
    if (error instanceof RpcRefusal) return error;
    const { log, isTransientError } = this.options;
    if (isTransientError(error)) {
      log.warn(`${subject} could not be answered: ${describeError(error)}`);
      return new RpcRefusal('unavailable', 'What this needs is away for the moment. Ask again.');
    }
    log.error({
      message: `answering ${subject} failed: ${describeError(error)}`,
      stack: error instanceof Error ? error.stack : undefined,
    });
    return new RpcRefusal('failed', 'An error that has no name; the log of the service that was asked tells more.');
  }
}

function parse(subject: string, message: Msg): unknown {
  let body: unknown;
  try {
    body = message.json();
  } catch {
    throw new RpcRefusal('bad_request', 'the request is no JSON');
  }
  const { data, error } = schemas.get(subject)!.safeParse(body);
  if (error) throw new RpcRefusal('bad_request', describeEventProblems(error, body));
  return data;
}
