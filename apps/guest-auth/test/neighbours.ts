import { type RpcName, type RpcRequest, type RpcResponse, rpcs } from '@bellhop/contracts/rpc';
import { NatsLink, RpcRefusal } from '@bellhop/jetstream';
import { waitFor } from '@bellhop/local-stack';
import { headers, type NatsConnection } from '@nats-io/transport-node';

type CodeRequest = RpcRequest<'sendCode'>;
type NotifierBehaviour = 'answers' | 'refuses' | 'silent' | 'away';

/** Stand-ins for the services that guest-auth sends requests to, on the real NATS, with their contract. */
export class Neighbours {
  /** Requests to the notifier to mail a code, in order. */
  readonly codes: CodeRequest[] = [];
  /** Requests to the notifier to mail a link. */
  readonly freshLinks: RpcRequest<'sendLink'>[] = [];
  /** Requests to tickets to find a ticket. */
  readonly searches: RpcRequest<'findForGuest'>[] = [];
  /** The tickets that can be found: `number address` → ticket. */
  readonly tickets = new Map<string, NonNullable<RpcResponse<'findForGuest'>>>();
  private behaviour: NotifierBehaviour = 'answers';
  private notifying: (() => void)[];
  private finding: (() => void)[];

  constructor(
    private readonly links: readonly NatsLink[],
    private readonly notifications: NatsConnection,
    private readonly searching: NatsConnection,
  ) {
    this.notifying = this.startNotifier();
    this.finding = this.startTickets();
  }

  /** The code of a challenge, once it was sent. */
  async codeOf(challengeId: string): Promise<string> {
    const isIt = (sent: CodeRequest) => sent.challengeId === challengeId;
    return (await waitFor(() => this.codes.find(isIt), { what: 'the code' })).code;
  }

  /** How the notifier behaves from now on. `away`: it does not subscribe; `silent`: it receives requests and never replies. */
  async notifier(behaviour: NotifierBehaviour): Promise<void> {
    this.behaviour = behaviour;
    for (const stop of this.notifying.splice(0)) stop();
    if (behaviour !== 'away') this.notifying = this.startNotifier();
    await this.notifications.flush();
  }

  /** Whether tickets subscribes. */
  async ticketsService(behaviour: 'answers' | 'away'): Promise<void> {
    for (const stop of this.finding.splice(0)) stop();
    if (behaviour !== 'away') this.finding = this.startTickets();
    await this.searching.flush();
  }

  async stop(): Promise<void> {
    await Promise.all(this.links.map((link) => link.close()));
  }

  private startNotifier(): (() => void)[] {
    return [
      answer(this.notifications, 'sendCode', (request) => this.accept(this.codes, request)),
      answer(this.notifications, 'sendLink', (request) => this.accept(this.freshLinks, request)),
    ];
  }

  private accept<T>(requests: T[], request: T): { accepted: true } | undefined {
    requests.push(request);
    if (this.behaviour === 'refuses') throw new RpcRefusal('unavailable', 'The database is away.');
    return this.behaviour === 'silent' ? undefined : { accepted: true };
  }

  private startTickets(): (() => void)[] {
    const find = (request: RpcRequest<'findForGuest'>) => {
      this.searches.push(request);
      return this.tickets.get(`${request.number} ${request.email}`) ?? null;
    };
    return [answer(this.searching, 'findForGuest', find)];
  }
}

/** @param urlOf where each of them connects to NATS, with its own permissions */
export async function startNeighbours(urlOf: (service: 'notifications' | 'tickets') => string): Promise<Neighbours> {
  const links = (['notifications', 'tickets'] as const).map((name) => {
    const link = new NatsLink({ url: urlOf(name), name, log: () => undefined });
    link.start();
    return link;
  });
  const [notifications, searching] = await Promise.all(links.map((link) => link.connected()));
  return new Neighbours(links, notifications as NatsConnection, searching as NatsConnection);
}

function answer<N extends RpcName>(
  connection: NatsConnection,
  name: N,
  handle: (asked: RpcRequest<N>) => RpcResponse<N> | undefined,
): () => void {
  const { subject, request } = rpcs[name];
  const subscription = connection.subscribe(subject, {
    queue: subject.split('.')[0] as string,
    callback: (_error, message) => {
      try {
        const answered = handle(request.parse(message.json()) as RpcRequest<N>);
        if (answered !== undefined) message.respond(JSON.stringify(answered));
      } catch (error) {
        const refusal = headers();
        refusal.set('Nats-Service-Error-Code', '400');
        refusal.set('Nats-Service-Error', 'refused');
        refusal.set('Bellhop-Error-Code', error instanceof RpcRefusal ? error.code : 'bad_request');
        message.respond('', { headers: refusal });
      }
    },
  });
  return () => subscription.unsubscribe();
}
