import { BaseRpcContext } from '@nestjs/microservices';
import type { Delivery } from './delivery.js';

/** What a handler can know of an event besides its body: `(@Payload() event: unknown, @Ctx() context: EventContext)`. */
export class EventContext extends BaseRpcContext<[Delivery]> {
  readonly subject: string;
  readonly stream: string;
  readonly sequence: number;
  /** 1 at first. Counts every delivery, also those during an outage: no measure of how bad an event is. */
  readonly deliveryCount: number;
  /** When the stream took it. */
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
   * Without `Nats-*` and `Bellhop-*`: a stranger's control headers mean nothing to us. Repeated ones joined by `, `. Read when
   * asked for, since few handlers do.
   */
  get headers(): Readonly<Record<string, string>> {
    const [delivery] = this.getArgs();
    return Object.fromEntries(plainHeaders(delivery).map(([name, values]) => [name, values.join(', ')]));
  }
}

/** The publisher's headers without those that NATS or we obey (security row S12). */
export function plainHeaders(delivery: Delivery): [string, string[]][] {
  const { headers } = delivery;
  return headers.length === 0 ? headers : headers.filter(([name]) => !/^\s*(nats|bellhop)-/i.test(name));
}
