import { Metrics, OpenRequests, Readiness, Shutdown } from '@bellhop/http';
import { JetStreamPublisher, NatsLink, RpcClient } from '@bellhop/jetstream';
import { OutboxRelay } from '@bellhop/outbox';
import { type DynamicModule, Global, Module, type ValueProvider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { Database } from '../database/database.js';
import { HealthController } from '../health/health.controller.js';
import { EventStreamsInterceptor } from '../http/event-streams.interceptor.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { ReadBodyInterceptor } from '../http/read-body.interceptor.js';
import { ValidationPipe } from '../http/validation.pipe.js';
import { AnswerInterceptor } from '../idempotency/answer.interceptor.js';
import { GuestSessions } from '../identity/guest-sessions.js';
import { IdentityGuard } from '../identity/identity.guard.js';
import { TokenVerifier } from '../identity/token-verifier.js';
import { Housekeeping } from './housekeeping.js';
import type { ServiceDefinition } from './service-definition.js';
import type { ServiceParts } from './service-parts.js';

@Global()
@Module({})
class ServiceModule {}

@Module({})
class RootModule {}

/** The whole application: what every service has, and the app's own modules. */
export function rootModule(definition: ServiceDefinition, parts: ServiceParts): DynamicModule {
  return { module: RootModule, imports: [serviceModule(definition, parts), ...definition.modules] };
}

/** What every module of an app can have injected, and the guard of every route. The parts are created before Nest starts. */
function serviceModule({ guestSessions }: ServiceDefinition, parts: ServiceParts): DynamicModule {
  const shared: ValueProvider[] = [
    { provide: DataSource, useValue: parts.database.dataSource },
    { provide: Database, useValue: parts.database },
    { provide: NatsLink, useValue: parts.link },
    { provide: JetStreamPublisher, useValue: parts.publisher },
    { provide: RpcClient, useValue: parts.rpc },
    { provide: OutboxRelay, useValue: parts.relay },
    { provide: Readiness, useValue: parts.readiness },
    { provide: Metrics, useValue: parts.metrics },
    { provide: Shutdown, useValue: parts.shutdown },
    { provide: Housekeeping, useValue: parts.housekeeping },
  ];
  return {
    module: ServiceModule,
    controllers: [HealthController],
    providers: [
      ...shared,
      { provide: OpenRequests, useValue: parts.openRequests },
      { provide: TokenVerifier, useValue: parts.verifier },
      ...(guestSessions ? [{ provide: GuestSessions, useClass: guestSessions }] : []),
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: APP_GUARD, useClass: IdentityGuard },
      { provide: APP_PIPE, useClass: ValidationPipe },
      { provide: APP_INTERCEPTOR, useClass: ReadBodyInterceptor },
      { provide: APP_INTERCEPTOR, useClass: EventStreamsInterceptor },
      { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
    ],
    exports: shared.map(({ provide }) => provide),
  };
}
