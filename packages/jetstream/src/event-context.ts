import { BaseRpcContext } from '@nestjs/microservices';
import type { Delivery } from './delivery.js';

/** Metadata of an event for its handler: `(@Payload() event: unknown, @Ctx() context: EventContext)`. */
export class EventContext extends BaseRpcContext<[Delivery]> {
  readonly subject: string;
  readonly stream: string;
  readonly sequence: number;
  /** 1 at first. Counts every delivery, also those during an outage, so it says nothing about the event's quality. */
  readonly deliveryCount: number;
  /** When the stream stored it. */
  readonly storedAt: Date;
  /** The bytes as published. */
  readonly data: Uint8Array;

  constructor(delivery: Delivery) {
    super([delivery]);
    this.subject = delivery.subject;
    this.stream = delivery.position.stream;
    this.sequence = delivery.position.sequence;
    this.deliveryCount = delivery.position.deliveryCount;
    this.storedAt = delivery.position.storedAt;
    this.data = delivery.data;
  }

  /**
   * Without `Nats-*` and `Bellhop-*`: a publisher's control headers are ignored. Repeated ones joined by `, `. Lazy, since few
   * handlers need them.
   */
  get headers(): Readonly<Record<string, string>> {
    const [delivery] = this.getArgs();
    return Object.fromEntries(plainHeaders(delivery).map(([name, values]) => [name, values.join(', ')]));
  }
}

/** The publisher's headers without those that control NATS or us (security row S12). */
export function plainHeaders(delivery: Delivery): [string, string[]][] {
  const { headers } = delivery;
  return headers.length === 0 ? headers : headers.filter(([name]) => !isControlHeader(name));
}

/** A header that controls NATS or us: a publisher's own is ignored. */
export function isControlHeader(name: string): boolean {
  return /^\s*(nats|bellhop)-/i.test(name);
}
