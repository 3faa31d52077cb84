import { streams, streamsReadBy } from '@bellhop/contracts/streams';
import { parseConfig } from '@bellhop/http';
import { SmtpSink, startNats, startOidc, untilReady } from '@bellhop/local-stack';
import type { SpecDatabase } from '@bellhop/postgres/testing';
import { provisionService, runService } from '@bellhop/service';
import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { configSchema } from '../src/config.js';
import { migrations, notificationsService } from '../src/notifications-service.js';
import { migratedDatabase } from './database.js';

export interface RunningNotifications {
  readonly url: string;
  readonly natsUrl: string;
  readonly database: SpecDatabase;
  /** Every route that the server really has, such as `GET /healthz`, told by the server itself. */
  readonly routes: ReadonlySet<string>;
  /** What arrived at its mail server. */
  readonly mails: SmtpSink;
  /** The access token of somebody whom the local OpenID provider knows, who signed in then (seconds since 1970), or now. */
  token(email: string, authTime?: number): Promise<string>;
  stop(): Promise<void>;
}

/**
 * The whole app in this process, on a free port, with its own NATS, database, mail server and OpenID provider.
 * @param env further settings
 */
export async function runningNotifications(env: Record<string, string> = {}): Promise<RunningNotifications> {
  const servers = [startNats(), startOidc(), SmtpSink.start(), migratedDatabase()] as const;
  const [nats, oidc, sink, database] = await Promise.all(servers);
  const { url: databaseUrl } = database;
  await provisionService({
    name: 'notifications',
    natsUrl: nats.url,
    databaseUrl,
    migrations,
    streams: [streams.TICKETS, streams.INBOUND, streams.NOTIFICATIONS, streams.DEAD_LETTERS],
    consumers: streamsReadBy('notifications').map((stream) => ({ stream, service: 'notifications' as const })),
    print: () => {},
  });
  const config = parseConfig(configSchema, {
    NATS_URL: nats.url,
    DATABASE_URL: databaseUrl,
    PUBLIC_URL: 'https://support.example.test',
    OIDC_ISSUER: oidc.issuer,
    OIDC_AUDIENCE: oidc.audience,
    EMAIL_URL: sink.url,
    EMAIL_FROM: 'support@example.test',
    ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
    PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64'),
    RESEND_WEBHOOK_SECRETS: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
    HOST: '127.0.0.1',
    PORT: '0',
    OPS_PORT: '0',
    LOG_LEVEL: 'error',
    ...env,
  });
  const { modules, ...rest } = notificationsService(config);
  const routes = new Set<string>();
  const app = await runService({ ...rest, modules: [...modules, witnessOf(routes)] }, config);
  await untilReady('notifications', app.opsUrl);
  return {
    url: app.url,
    natsUrl: nats.url,
    database,
    routes,
    mails: sink,
    token: (email, authTime) => oidc.token(email, authTime),
    async stop() {
      await app.stop();
      await Promise.all([nats.stop(), oidc.stop(), sink.close(), database.stop()]);
    },
  };
}

/** A module that notes the routes as they are registered. */
function witnessOf(routes: Set<string>) {
  @Module({})
  class RouteWitness {
    constructor({ httpAdapter }: HttpAdapterHost) {
      httpAdapter.getInstance().addHook('onRoute', ({ method, url }: { method: string | string[]; url: string }) => {
        for (const one of [method].flat()) if (one !== 'HEAD') routes.add(`${one} ${url}`);
      });
    }
  }
  return RouteWitness;
}
