import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type BeforeApplicationShutdown,
  Controller,
  Get,
  type INestApplication,
  Injectable,
  Module,
  Sse,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { interval, map } from 'rxjs';
import { Bench } from '../test/fixture.js';
import { EventContext, EventsController, JetStreamStrategy, OnEvent } from './index.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(async () => {
  await bench.provision();
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

class DomainError extends Error {
  readonly kind = 'domain';
}

interface Behaviour {
  handle: (event: { n: number }, context: EventContext) => unknown;
  strategy?: JetStreamStrategy;
}

/** An app as ours are: HTTP on Fastify, a global guard and a global filter for HTTP, events through the strategy. */
async function startHybrid(behaviour: Behaviour, seen: unknown[] = []): Promise<INestApplication> {
  @EventsController()
  class Events {
    @OnEvent('tickets.>')
    on(@Payload() event: { n: number }, @Ctx() context: EventContext) {
      return behaviour.handle(event, context);
    }
  }
  @Controller()
  class Http {
    @Get('hello')
    hello() {
      return 'hello';
    }
    @Get('slow')
    async slow() {
      return await new Promise(() => undefined);
    }
    @Sse('stream')
    stream() {
      return interval(50).pipe(map((n) => ({ data: { n } })));
    }
  }
  @Injectable()
  class Shutdown implements BeforeApplicationShutdown {
    async beforeApplicationShutdown() {
      await behaviour.strategy?.drain();
    }
  }
  const refuseStrangers = { canActivate: () => true };
  const httpProblems = { catch: () => 'swallowed' };
  @Module({
    controllers: [Events, Http],
    providers: [
      Shutdown,
      { provide: APP_GUARD, useValue: refuseStrangers },
      { provide: APP_FILTER, useValue: httpProblems },
    ],
  })
  class AppModule {}
  const link = bench.link();
  behaviour.strategy = new JetStreamStrategy({
    link,
    publisher: bench.publisher(link),
    service: 'notifications',
    streams: ['TICKETS'],
    isTransientError: (error) => seen.push(error) > 0,
    isHealthy: async () => true,
    log: bench.log,
    retry: { firstMs: 20, maxMs: 50 },
  });
  const app = await NestFactory.create(AppModule, new FastifyAdapter({ forceCloseConnections: true }), {
    logger: false,
  });
  app.connectMicroservice({ strategy: behaviour.strategy });
  bench.after(() => app.close());
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  return app;
}

describe('in an app that also serves HTTP', () => {
  it('starts while NATS is unreachable: HTTP works, and events are handled once it is there', async () => {
    await bench.store('tickets.v1.replied', { n: 1 });
    await bench.down('pause');
    let heard = 0;
    const app = await startHybrid({ handle: () => heard++ });
    expect(await (await fetch(`${await app.getUrl()}/hello`)).text()).toBe('hello');
    await bench.resume();
    await waitFor(() => heard === 1);
  });

  it('the error of a handler reaches the strategy as it was thrown, past global filters', async () => {
    const seen: unknown[] = [];
    const thrown = new DomainError('as it was thrown');
    await startHybrid(
      {
        handle: (_, { deliveryCount }) => {
          if (deliveryCount === 1) throw thrown;
        },
      },
      seen,
    );
    await bench.store('tickets.v1.replied', { n: 1 });
    await bench.settled();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBe(thrown);
  });

  it('shuts down with 500 events in flight, a request and an event stream open: all 500 are finished and settled', async () => {
    const { opened, open } = bench.gate();
    let [started, done] = [0, 0];
    const behaviour: Behaviour = {
      handle: async () => {
        started++;
        await opened;
        done++;
      },
    };
    const app = await startHybrid(behaviour);
    await bench.storeMany('tickets.v1.replied', 700);
    const url = await app.getUrl();
    const hanging = fetch(`${url}/slow`).catch(() => 'cut off');
    const stream = await fetch(`${url}/stream`);
    await waitFor(() => started === 500);
    const before = performance.now();
    const closing = app.close();
    await waitFor(async () => (await bench.consumerInfo()).num_waiting === 0);
    open();
    await closing;
    expect(performance.now() - before).toBeLessThan(5_000);
    expect({ started, done }).toEqual({ started: 500, done: 500 });
    const info = await bench.consumerInfo();
    expect({ ackPending: info.num_ack_pending, left: info.num_pending }).toEqual({ ackPending: 0, left: 200 });
    expect(await hanging).toBe('cut off');
    await stream.body?.cancel().catch(() => undefined);
  });
});
