import { type RpcName, type RpcRequest, type RpcResponse, rpcs } from '@bellhop/contracts/rpc';
import { NatsLink, RpcRefusal } from '@bellhop/jetstream';
import { waitFor } from '@bellhop/local-stack';
import { headers, type NatsConnection } from '@nats-io/transport-node';

type CodeRequest = RpcRequest<'sendCode'>;

/** Stand-ins for the services that guest-auth sends requests to, on the real NATS, with their contract. */
export interface Neighbours {
  /** Requests to the notifier to mail a code, in order. */
  readonly codes: CodeRequest[];
  /** Requests to the notifier to mail a link. */
  readonly freshLinks: RpcRequest<'sendLink'>[];
  /** Requests to tickets to find a ticket. */
  readonly searches: RpcRequest<'findForGuest'>[];
  /** The tickets that can be found: `number address` → ticket. */
  readonly tickets: Map<string, NonNullable<RpcResponse<'findForGuest'>>>;
  /** The code of a challenge, once it was sent. */
  codeOf(challengeId: string): Promise<string>;
  /** How the notifier behaves from now on. `away`: it does not subscribe; `silent`: it receives requests and never replies. */
  notifier(behaviour: 'answers' | 'refuses' | 'silent' | 'away'): Promise<void>;
  /** Whether tickets subscribes. */
  ticketsService(behaviour: 'answers' | 'away'): Promise<void>;
  stop(): Promise<void>;
}

/** @param urlOf where each of them connects to NATS, with its own permissions */
export async function startNeighbours(urlOf: (service: 'notifications' | 'tickets') => string): Promise<Neighbours> {
  const links = (['notifications', 'tickets'] as const).map((name) => {
    const link = new NatsLink({ url: urlOf(name), name, log: () => undefined });
    link.start();
    return link;
  });
  const [notifications, searching] = (await Promise.all(links.map((link) => link.connected()))) as [
    NatsConnection,
    NatsConnection,
  ];
  const [codes, freshLinks, searches]: [CodeRequest[], RpcRequest<'sendLink'>[], RpcRequest<'findForGuest'>[]] = [
    [],
    [],
    [],
  ];
  const tickets: Neighbours['tickets'] = new Map();
  let isSilent = false;
  let isRefusing = false;
  const accept = () => {
    if (isRefusing) throw new RpcRefusal('unavailable', 'The database is away.');
    return isSilent ? undefined : { accepted: true };
  };
  const startNotifier = () => [
    answer(notifications, 'sendCode', (asked) => {
      codes.push(asked);
      return accept();
    }),
    answer(notifications, 'sendLink', (asked) => {
      freshLinks.push(asked);
      return accept();
    }),
  ];
  const startTickets = () => [
    answer(searching, 'findForGuest', (asked) => {
      searches.push(asked);
      return tickets.get(`${asked.number} ${asked.email}`) ?? null;
    }),
  ];
  let notifying = startNotifier();
  let finding = startTickets();
  return {
    codes,
    freshLinks,
    searches,
    tickets,
    codeOf: async (challengeId) =>
      (await waitFor(() => codes.find((sent) => sent.challengeId === challengeId), { what: 'the code' })).code,
    async notifier(behaviour) {
      isSilent = behaviour === 'silent';
      isRefusing = behaviour === 'refuses';
      for (const stop of notifying.splice(0)) stop();
      if (behaviour !== 'away') notifying = startNotifier();
      await notifications.flush();
    },
    async ticketsService(behaviour) {
      for (const stop of finding.splice(0)) stop();
      if (behaviour !== 'away') finding = startTickets();
      await searching.flush();
    },
    stop: async () => void (await Promise.all(links.map((link) => link.close()))),
  };
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
