import { randomBytes } from 'node:crypto';
import { type RpcRequest, type RpcResponse, rpcs } from '@bellhop/contracts/rpc';
import { NatsLink, RpcClient } from '@bellhop/jetstream';
import type { NatsServer } from '@bellhop/local-stack';
import type { Msg, Subscription } from '@nats-io/transport-node';

type LinkRequests = RpcRequest<'issueLinks'>;

/** Stands in for guest-auth on the real NATS, with its rights: asks for mails, and issues links while it is there. */
export class GuestAuth {
  readonly rpc: RpcClient;
  /** What it was asked for links, question by question. */
  readonly questions: LinkRequests[] = [];
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

  /** @param reply what it does with a question instead of answering it */
  async answer(reply: (message: Msg, requests: LinkRequests) => void = (message, list) => this.issue(message, list)) {
    await this.leave();
    const connection = await this.link.connected();
    this.subscription = connection.subscribe(rpcs.issueLinks.subject, {
      queue: 'guest-auth',
      callback: (_, message) => {
        const requests = rpcs.issueLinks.request.parse(message.json());
        this.questions.push(requests);
        reply(message, requests);
      },
    });
    await connection.flush();
  }

  /** No replica is there: who asks hears so at once. */
  async leave(): Promise<void> {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
    await (await this.link.connected()).flush();
  }

  /** Whatever a question may hold. @returns headers and body of the answer */
  async send(subject: string, question: unknown): Promise<string> {
    const answer = await (await this.link.connected()).request(subject, JSON.stringify(question), { timeout: 5_000 });
    return `${answer.headers} ${answer.string()}`;
  }

  async stop(): Promise<void> {
    await this.link.close();
  }

  private issue(message: Msg, requests: LinkRequests): void {
    const answer: RpcResponse<'issueLinks'> = requests.map(({ deliveryId }) => {
      const link = randomBytes(32).toString('base64url');
      this.links.set(deliveryId, link);
      return { deliveryId, link };
    });
    message.respond(JSON.stringify(answer));
  }
}
