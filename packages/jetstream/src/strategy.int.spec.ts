import { waitFor } from '@bellhop/local-stack';
import { pause } from '@bellhop/waiting';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Scope } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { concat, EMPTY, from, Observable, of } from 'rxjs';
import { Bench, handlerOf } from '../test/fixture.js';
import { EventContext, EventsController, InvalidEventError, OnEvent } from './index.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(async () => {
  await bench.provision();
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

describe('JetStreamStrategy: which handlers get an event', () => {
  it('hands it to every handler whose wildcard matches, with the parsed body and where it came from', async () => {
    const calls: { name: string; event: unknown; context: EventContext }[] = [];
    const noting = (subject: string, name: string) =>
      handlerOf(subject, (event, context) => calls.push({ name, event, context }));
    await bench.consume([
      noting('tickets.v1.*', 'star'),
      noting('tickets.>', 'rest'),
      noting('tickets.v1.replied', 'exact'),
      noting('tickets.v1.closed', 'another'),
    ]);
    await bench.store('tickets.v1.replied', { n: 1 }, { traceparent: 'abc' });
    await bench.settled();
    expect(calls.map((call) => call.name).sort()).toEqual(['exact', 'rest', 'star']);
    const { event, context } = calls[0] as (typeof calls)[0];
    expect(event).toEqual({ n: 1 });
    expect(context).toBeInstanceOf(EventContext);
    expect(context).toMatchObject({ subject: 'tickets.v1.replied', stream: 'TICKETS', sequence: 1, deliveryCount: 1 });
    expect(context.headers).toEqual({ traceparent: 'abc' });
    expect(Buffer.from(context.data).toString()).toBe('{"n":1}');
    expect(Math.abs(Date.now() - context.storedAt.getTime())).toBeLessThan(60_000);
  });

  it("S12 hides a publisher's control headers from handlers", async () => {
    let headers: unknown;
    await bench.consume([handlerOf('tickets.>', (_, context) => (headers = context.headers))]);
    const hostile = {
      'Nats-Msg-Id': 'e1',
      'nats-custom': 'x',
      'Bellhop-Reason': 'x',
      'BELLHOP-SKIP': 'x',
      kind: 'fine',
    };
    await bench.store('tickets.v1.replied', {}, hostile);
    await bench.settled();
    expect(headers).toEqual({ kind: 'fine' });
  });

  it('makes a dead letter of an event without a handler, and names the known subjects to its author', async () => {
    await bench.consume([handlerOf('tickets.v1.replied', () => undefined)]);
    await bench.store('tickets.v1.exploded', {});
    const [letter] = await bench.deadLetters(1);
    expect(letter?.subject).toBe('dead_letters.notifications.bellhop.subject_mismatch');
    expect(letter?.header.get('Bellhop-Detail')).toBe(
      "no event is taken on tickets.v1.exploded: the subject's last token must be the name of an event type (notifications takes tickets.v1.replied)",
    );
    await bench.settled();
  });

  it('does not start with a handler for a request that is not in the contract', async () => {
    @Controller()
    class Unknown {
      @MessagePattern('tickets.v1.replied')
      answer() {}
    }
    await expect(bench.consume([Unknown])).rejects.toThrow('the contract has no request tickets.v1.replied');
  });
});

describe('JetStreamStrategy: several handlers of one pattern', () => {
  it('waits for both, though one emits nothing and ends first', async () => {
    const { opened, open } = bench.gate();
    let isSecondDone = false;
    await bench.consume([
      handlerOf('tickets.v1.replied', () => EMPTY),
      handlerOf('tickets.v1.replied', async () => {
        await opened;
        isSecondDone = true;
      }),
    ]);
    await bench.store('tickets.v1.replied', {});
    await waitFor(async () => (await bench.consumerInfo()).num_ack_pending === 1);
    open();
    await bench.settled();
    expect(isSecondDone).toBe(true);
  });

  it('delivers again to both when one fails, and only after the other has ended', async () => {
    const { opened, open } = bench.gate();
    const order: string[] = [];
    let tries = 0;
    await bench.consume([
      handlerOf('tickets.v1.replied', () => {
        order.push(`first ${++tries}`);
        if (tries === 1) throw new TypeError('a bug');
      }),
      handlerOf('tickets.v1.replied', async () => {
        if (tries === 1) await opened;
        order.push('second');
      }),
    ]);
    await bench.store('tickets.v1.replied', {});
    await waitFor(() => tries === 1);
    // Several times longer than the delay of a retry.
    await pause(400, new AbortController().signal);
    expect(order).toEqual(['first 1']);
    open();
    await bench.settled();
    expect(order).toEqual(['first 1', 'second', 'first 2', 'second']);
  });
});

describe('JetStreamStrategy: what a handler returns', () => {
  it('acks only after the whole observable has completed', async () => {
    const { opened, open } = bench.gate();
    let isComplete = false;
    await bench.consume([
      handlerOf('tickets.>', () =>
        concat(
          of('first value'),
          from(opened),
          new Observable((subscriber) => {
            isComplete = true;
            subscriber.complete();
          }),
        ),
      ),
    ]);
    await bench.store('tickets.v1.replied', {});
    await waitFor(async () => (await bench.consumerInfo()).num_ack_pending === 1);
    expect(isComplete).toBe(false);
    open();
    await bench.settled();
    expect(isComplete).toBe(true);
  });

  it.each([
    ['a throw', () => fail()],
    ['a rejection', async () => fail()],
    ['an observable that errors', () => from(Promise.reject(new OwnError('the very same')))],
    [
      'an observable that errors after a value',
      () => concat(of(1), from(Promise.reject(new OwnError('the very same')))),
    ],
  ])('keeps the identity of the error of %s', async (_, handle) => {
    const seen: unknown[] = [];
    let tries = 0;
    await bench.consume([handlerOf('tickets.>', () => (tries++ === 0 ? handle() : undefined))], {
      isTransientError: (error) => seen.push(error) > 0,
    });
    await bench.store('tickets.v1.replied', {});
    await bench.settled();
    expect(seen).toEqual([expect.any(OwnError)]);
    expect(seen[0]).toMatchObject({ message: 'the very same', own: 42 });
  });

  it('says how to get the error back when a plain controller lets Nest hide it', async () => {
    @Controller()
    class Plain {
      @OnEvent('tickets.>')
      on() {
        throw new OwnError('hidden');
      }
    }
    await bench.consume([Plain]);
    await bench.store('tickets.v1.replied', {});
    const [letter] = await bench.deadLetters(1);
    expect(letter?.header.get('Bellhop-Detail')).toContain('put @EventsController() on the handler');
  });

  it('works on as many events at once as maxInFlight says, and on no more', async () => {
    const { opened, open } = bench.gate();
    let [running, most] = [0, 0];
    await bench.consume(
      [
        handlerOf('tickets.>', async () => {
          most = Math.max(most, ++running);
          await opened;
          running--;
        }),
      ],
      { maxInFlight: 50 },
    );
    await bench.storeMany('tickets.v1.replied', 200);
    await waitFor(() => running === 50);
    expect((await bench.consumerInfo()).num_ack_pending).toBe(50);
    open();
    await bench.settled();
    expect(most).toBe(50);
  });

  it('does not hold up others for one slow event', async () => {
    const { opened, open } = bench.gate();
    const done = new Set<number>();
    await bench.consume(
      [
        handlerOf('tickets.>', async ({ n }) => {
          if (n === 0) await opened;
          done.add(n);
        }),
      ],
      { maxInFlight: 10 },
    );
    await bench.storeMany('tickets.v1.replied', 300);
    await waitFor(() => done.size === 299);
    expect(done.has(0)).toBe(false);
    open();
    await bench.settled();
  });

  it('runs between Nest’s processing hooks, which end once, also after an error', async () => {
    const hooks: string[] = [];
    let tries = 0;
    const { strategy } = await bench.consume([
      handlerOf('tickets.>', () => {
        hooks.push('handle');
        if (tries++ === 0) throw new InvalidEventError('invalid_event', 'never');
      }),
    ]);
    strategy.setOnProcessingStartHook((_transport, _context, done) => {
      hooks.push('start');
      void done();
    });
    strategy.setOnProcessingEndHook((_transport, context) => hooks.push(`end ${(context as EventContext).sequence}`));
    await bench.store('tickets.v1.replied', {});
    await bench.settled();
    await bench.store('tickets.v1.replied', {});
    await bench.settled();
    expect(hooks).toEqual(['start', 'handle', 'end 1', 'start', 'handle', 'end 2']);
  });

  it('waits for the handler, not for what the start hook returns', async () => {
    const { opened, open } = bench.gate();
    const { strategy } = await bench.consume([handlerOf('tickets.>', () => opened)]);
    let ends = 0;
    strategy.setOnProcessingStartHook((_transport, _context, done) => void done());
    strategy.setOnProcessingEndHook(() => ends++);
    await bench.store('tickets.v1.replied', {});
    await waitFor(async () => (await bench.consumerInfo()).num_pending === 0);
    await pause(200, new AbortController().signal);
    expect({ ends, unsettled: (await bench.consumerInfo()).num_ack_pending }).toEqual({ ends: 0, unsettled: 1 });
    open();
    await bench.settled();
    expect(ends).toBe(1);
  });

  it('takes a failing hook for a failure of the event, not of the process', async () => {
    let calls = 0;
    const { strategy } = await bench.consume([handlerOf('tickets.>', () => calls++)]);
    let hooks = 0;
    strategy.setOnProcessingStartHook((_transport, _context, done) => {
      if (hooks++ === 0) return Promise.reject(new Error('the tracer is broken'));
      return done();
    });
    await bench.store('tickets.v1.replied', {});
    await bench.settled();
    expect({ calls, hooks }).toEqual({ calls: 1, hooks: 2 });
  });
});

describe('JetStreamStrategy: request-scoped handlers', () => {
  it('are created for each event and keep the identity of their errors', async () => {
    let made = 0;
    const seen: unknown[] = [];
    @Injectable({ scope: Scope.REQUEST })
    @EventsController()
    class Scoped {
      readonly number = ++made;

      @OnEvent('tickets.>')
      on(@Payload() _event: unknown, @Ctx() context: EventContext) {
        if (context.deliveryCount === 1) throw new OwnError(`from instance ${this.number}`);
      }
    }
    await bench.consume([Scoped], { isTransientError: (error) => seen.push(error) > 0 });
    await bench.store('tickets.v1.replied', {});
    await bench.settled();
    expect(seen).toEqual([new OwnError('from instance 1')]);
    expect(made).toBe(2);
  });
});

class OwnError extends Error {
  readonly own = 42;
}

function fail(): never {
  throw new OwnError('the very same');
}
