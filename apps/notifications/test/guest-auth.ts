import { randomBytes } from 'node:crypto';
import { type RpcRequest, type RpcResponse, rpcs } from '@bellhop/contracts/rpc';
import { NatsLink, RpcClient } from '@bellhop/jetstream';
import type { NatsServer } from '@bellhop/local-stack';
import type { Msg, Subscription } from '@nats-io/transport-node';

type LinkRequests = RpcRequest<'issueLinks'>;

/** Replaces guest-auth on the real NATS, with its rights: requests mails, and issues links while it is available. */
export class GuestAuth {
  readonly rpc: RpcClient;
  /** The requests for links that it received. */
  readonly requests: LinkRequests[] = [];
  /** By delivery, the newest link. */
  readonly links = new Map<string, string>();
  private subscription: Subscription | undefined;

  private constructor(private readonly link: NatsLink) {
    this.rpc = new RpcClient(link);
  }

  static async start(nats: Pick<NatsServer, 'urlFor'>): Promise<GuestAuth> {
    const link = new NatsLink({ url: nats.urlFor('guest-auth'), name: 'guest-auth', log: () => undefined });
    link.start();
    await link.connected();
    return new GuestAuth(link);
  }

  /** @param reply what it does with a request instead of answering it */
  async answer(reply: (message: Msg, requests: LinkRequests) => void = (message, list) => this.issue(message, list)) {
    await this.leave();
    const connection = await this.link.connected();
    this.subscription = connection.subscribe(rpcs.issueLinks.subject, {
      queue: 'guest-auth',
      callback: (_, message) => {
        const requests = rpcs.issueLinks.request.parse(message.json());
        this.requests.push(requests);
        reply(message, requests);
      },
    });
    await connection.flush();
  }

  /** No replica is available: requests fail at once. */
  async leave(): Promise<void> {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
    await (await this.link.connected()).flush();
  }

  /** Sends any body. @returns headers and body of the reply */
  async send(subject: string, body: unknown): Promise<string> {
    const reply = await (await this.link.connected()).request(subject, JSON.stringify(body), { timeout: 5_000 });
    return `${reply.headers} ${reply.string()}`;
  }

  async stop(): Promise<void> {
    await this.link.close();
  }

  private issue(message: Msg, requests: LinkRequests): void {
    const response: RpcResponse<'issueLinks'> = requests.map(({ deliveryId }) => {
      const link = randomBytes(32).toString('base64url');
      this.links.set(deliveryId, link);
      return { deliveryId, link };
    });
    message.respond(JSON.stringify(response));
  }
}
