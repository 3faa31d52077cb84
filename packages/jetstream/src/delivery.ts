import type { Msg } from '@nats-io/nats-core';

const encoder = new TextEncoder();
const ACK = encoder.encode('+ACK');
const NAK = encoder.encode('-NAK');
const TERM = encoder.encode('+TERM');
const WORKING = encoder.encode('+WPI');

/** Where a message stands in its stream; read from the reply subject that JetStream gives it. */
interface Position {
  readonly stream: string;
  /** 1 for the first delivery. Counts every delivery, also those during an outage. */
  readonly deliveryCount: number;
  readonly sequence: number;
  readonly storedAt: Date;
}

/** One delivery of one message. Settled once; what comes after is ignored. */
export class Delivery {
  readonly position: Position;
  /** Names the message, not the delivery. With the time, because a stream made anew gives its sequences again. */
  readonly key: string;
  /** How many deliveries the consumer had made, this one included. */
  readonly consumerSequence: number;
  #isSettled = false;
  #message: Msg;

  /** @throws Error when the message does not come from JetStream */
  constructor(message: Msg) {
    this.#message = message;
    const { consumerSequence, ...position } = readPosition(message.reply ?? '');
    this.position = position;
    this.consumerSequence = consumerSequence;
    this.key = `${position.stream}:${position.sequence}:${position.storedAt.getTime()}`;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get data(): Uint8Array {
    return this.#message.data;
  }

  /** Name and values of each header as sent; none when the client cannot read them. */
  get headers(): [string, string[]][] {
    try {
      return this.#message.headers ? [...this.#message.headers] : [];
    } catch {
      // A stranger may send a header that is none (an empty name). It must not stop the event.
      return [];
    }
  }

  ack(): void {
    this.#settle(ACK);
  }

  /** Asks for the message again, after `delayMs`. */
  nak(delayMs = 0): void {
    this.#settle(delayMs > 0 ? encoder.encode(`-NAK {"delay":${Math.round(delayMs) * 1_000_000}}`) : NAK);
  }

  /** The message is done with though it was not handled. */
  term(): void {
    this.#settle(TERM);
  }

  /** Starts the server's `ack_wait` again. */
  working(): void {
    if (!this.#isSettled) this.#message.respond(WORKING);
  }

  #settle(payload: Uint8Array): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#message.respond(payload);
  }
}

/**
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<time>.<pending>`; with a domain
 * (`$JS.ACK.<domain>.<account>.<stream>…`) there are two tokens more in front:
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md
 */
function readPosition(reply: string): Position & { consumerSequence: number } {
  const tokens = reply.split('.');
  const isLong = tokens.length >= 11;
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9)
    throw new Error(`a message without a JetStream reply subject arrived: ${reply || 'no reply'}`);
  const [stream, , deliveries, sequence, consumerSequence, nanos] = tokens.slice(isLong ? 4 : 2) as string[];
  return {
    stream: stream as string,
    deliveryCount: Number(deliveries),
    sequence: Number(sequence),
    consumerSequence: Number(consumerSequence),
    // Nanoseconds are too many for a number, and their last six digits too fine for a date.
    storedAt: new Date(Number((nanos as string).slice(0, -6))),
  };
}
