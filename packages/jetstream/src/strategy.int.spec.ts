import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Ctx, Payload } from '@nestjs/microservices';
import { Observable, timer } from 'rxjs';
import { Bench } from '../test/fixture.js';
import { EventContext, EventsController, OnEvent } from './index.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

let calls: { pattern: string; event: unknown; context: EventContext }[] = [];
const note = (pattern: string, event: unknown, context: EventContext) => calls.push({ pattern, event, context });

@EventsController()
class WildcardHandler {
  @OnEvent('tickets.v1.*')
  star(@Payload() event: unknown, @Ctx() context: EventContext) {
    note('star', event, context);
  }

  @EventPattern('tickets.>')
  rest(@Payload() event: unknown, @Ctx() context: EventContext) {
    note('rest', event, context);
    return new Observable((subscriber) => {
      const subscription = timer(5).subscribe(() => subscriber.complete());
      return () => subscription.unsubscribe();
    });
  }
}

describe('JetStreamStrategy', () => {
  beforeAll(() => {
    calls = [];
  });

  it('hands an event to every handler whose wildcard matches, with the parsed body and where it came from', async () => {
    await bench.provision();
    await bench.consume([WildcardHandler]);
    await bench.store(
      'tickets.v1.replied',
      { id: 'e1' },
      { traceparent: 'abc', 'Nats-Msg-Id': 'e1', 'Bellhop-Reason': 'x' },
    );
    await bench.settled();
    await waitFor(() => calls.length === 2);
    expect(calls.map((call) => call.pattern).sort()).toEqual(['rest', 'star']);
    const { event, context } = calls[0]!;
    expect(event).toEqual({ id: 'e1' });
    expect(context).toMatchObject({
      subject: 'tickets.v1.replied',
      stream: 'TICKETS',
      sequence: 1,
      deliveryCount: 1,
      headers: { traceparent: 'abc' },
    });
    expect(Math.abs(Date.now() - context.storedAt.getTime())).toBeLessThan(60_000);
    expect(Buffer.from(context.data).toString()).toBe('{"id":"e1"}');
  });
});
