import { inboundSubjectOf, type TicketEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { type NatsServer, type OidcProvider, SmtpSink, startNats, startOidc } from '@bellhop/local-stack';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Notifier } from './notifier.js';

/** A notifier with the rights of production, a mail server, an OpenID provider, and a help desk that publishes. */
export class Operations {
  notifier: Notifier;
  private crm: NatsConnection;

  private constructor(
    readonly sink: SmtpSink,
    readonly oidc: OidcProvider,
    readonly nats: NatsServer,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Operations> {
    const [sink, oidc, nats] = await Promise.all([SmtpSink.start(), startOidc(), startNats({ accounts: true })]);
    const stack = new Operations(sink, oidc, nats);
    try {
      const identity = { OIDC_ISSUER: oidc.issuer, OIDC_AUDIENCE: oidc.audience };
      stack.notifier = await Notifier.start({ emailUrl: sink.url, nats, env: { ...identity, ...env } });
      await stack.notifier.untilReady();
      const { username, password, host } = new URL(nats.urlFor('crm'));
      stack.crm = await connect({ servers: host, user: username, pass: password });
      return stack;
    } catch (error) {
      // A server that still runs would keep the test run from ending.
      await stack.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.crm?.close();
    await this.notifier?.stop();
    await Promise.all([this.nats.stop(), this.oidc.stop(), this.sink.close()]);
  }

  /** Publishes as the help desk `crm`, with the rights of its account. */
  async publish(event: TicketEvent): Promise<void> {
    await this.publishRaw(inboundSubjectOf('crm', event.type), JSON.stringify(event));
  }

  async publishRaw(subject: string, data: string | Uint8Array): Promise<void> {
    await this.crm.request(subject, data, { timeout: 5_000 });
  }

  /** Sends a request as the operator. */
  async ask(method: 'GET' | 'POST', path: string, body?: unknown, headers: Record<string, string> = {}) {
    const authorization = `Bearer ${await this.oidc.token('ops@example.com')}`;
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const reply = await fetch(this.notifier.app.url + path, {
      method,
      headers: { authorization, ...type, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it is its type
    return { status: reply.status, headers: reply.headers, body: (await reply.json()) as any };
  }
}

let count = 0;

/** A solution, mailed at once to a guest of the help desk. */
export function solved(address: string, ticket: Record<string, unknown> = {}) {
  count += 1;
  return buildEvent('ticket.resolved.v1', {
    requester: { kind: 'guest', email: address },
    ticket: { id: `T-${count}`, url: `https://crm.example.com/t/${count}`, ...ticket },
  });
}
