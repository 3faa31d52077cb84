import type { Msg } from '@nats-io/nats-core';

const encoder = new TextEncoder();
const ACK = encoder.encode('+ACK');
const NAK = encoder.encode('-NAK');
const TERM = encoder.encode('+TERM');
const WORKING = encoder.encode('+WPI');

/** Position of a message in its stream, read from the reply subject that JetStream sets. */
interface Position {
  readonly stream: string;
  /** 1 for the first delivery. Counts every delivery, also those during an outage. */
  readonly deliveryCount: number;
  readonly sequence: number;
  readonly storedAt: Date;
}

/** One delivery of one message. The first settlement counts; later ones are ignored. */
export class Delivery {
  readonly position: Position;
  /** Identifies the message, not the delivery. Includes the time, because a recreated stream assigns its sequences again. */
  readonly key: string;
  /** How many deliveries the consumer had made, this one included. */
  readonly consumerSequence: number;
  private isSettled = false;
  private message: Msg;

  /** @throws Error when the message does not come from JetStream */
  constructor(message: Msg) {
    this.message = message;
    const { consumerSequence, ...position } = readPosition(message.reply ?? '');
    this.position = position;
    this.consumerSequence = consumerSequence;
    this.key = `${position.stream}:${position.sequence}:${position.storedAt.getTime()}`;
  }

  get subject(): string {
    return this.message.subject;
  }

  get data(): Uint8Array {
    return this.message.data;
  }

  /** Name and values of each header as sent; none when the client cannot read them. */
  get headers(): [string, string[]][] {
    try {
      return this.message.headers ? [...this.message.headers] : [];
    } catch {
      // A publisher may send a malformed header (an empty name). The client throws; the event is handled without headers.
      return [];
    }
  }

  ack(): void {
    this.settle(ACK);
  }

  /** Requests redelivery after `delayMs`. */
  nak(delayMs = 0): void {
    this.settle(delayMs > 0 ? encoder.encode(`-NAK {"delay":${Math.round(delayMs) * 1_000_000}}`) : NAK);
  }

  /** Never delivered again, although it was not handled. */
  term(): void {
    this.settle(TERM);
  }

  /** Starts the server's `ack_wait` again. */
  working(): void {
    if (!this.isSettled) this.message.respond(WORKING);
  }

  private settle(payload: Uint8Array): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.message.respond(payload);
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
    // Nanoseconds exceed a safe integer, and a Date has milliseconds: cut the last six digits.
    storedAt: new Date(Number((nanos as string).slice(0, -6))),
  };
}
