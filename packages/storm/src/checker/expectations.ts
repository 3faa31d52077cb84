import { domainToASCII } from 'node:url';
import type { TicketEventType } from '@bellhop/contracts/events';
import type { Requester } from '@bellhop/contracts/persons';
import type { CommittedEvent } from './evidence.js';

export type Channel = 'email' | 'feed' | 'push';

/** Somebody who must be notified of an event over a channel; `key` is empty for nobody. */
export interface Expected extends Person {
  readonly channel: Channel;
}

interface Person {
  readonly key: string;
  readonly role: 'requester' | 'assignee' | 'team' | 'nobody';
  /** The mailbox; over `feed` and `push` the account with us. */
  readonly address?: string | undefined;
  readonly account?: string | undefined;
}

type Who = 'requester' | 'assignee' | 'team' | 'assignee_or_team';

/**
 * Who is notified of what. A second version on purpose, written from the table of events and not from the app's code: a checker that used the
 * app's code would repeat its mistakes.
 */
const RECIPIENTS: Partial<Record<TicketEventType, readonly Who[]>> = {
  'ticket.created.v1': ['requester', 'team'],
  'ticket.replied.v1': ['requester'],
  'ticket.information_requested.v1': ['requester'],
  'ticket.resolved.v1': ['requester'],
  'ticket.reopened.v1': ['assignee'],
  'ticket.customer_replied.v1': ['assignee_or_team'],
  'ticket.assigned.v1': ['assignee'],
  'ticket.promise_at_risk.v1': ['assignee'],
  'ticket.promise_missed.v1': ['assignee', 'requester'],
};

/** Everybody for whom a decision about the event must exist. Never empty: "nobody" is a decision, too. */
export function expectedOf(
  { system, event }: CommittedEvent,
  agentsAddress: string | undefined,
  channels: readonly Channel[],
): Expected[] {
  const { requester, assignee } = event.data;
  const isOurs = system === 'bellhop';
  const team: Person[] =
    isOurs && agentsAddress !== undefined ? [{ key: 'bellhop:team', role: 'team', address: agentsAddress }] : [];
  const accountOf = ({ kind, id }: { kind: string; id?: string }) => (isOurs && kind === 'user' ? id : undefined);
  const agent: Person[] = assignee
    ? [
        {
          key: `${system}:agent:${assignee.id}`,
          role: 'assignee',
          address: assignee.email,
          account: accountOf(assignee),
        },
      ]
    : [];
  const key = requesterKey(system, requester);
  const people: Record<Who, readonly Person[]> = {
    requester: [{ key, role: 'requester', address: requester.email, account: accountOf(requester) }],
    assignee: agent,
    team,
    assignee_or_team: agent.length > 0 ? agent : team,
  };
  const recipients = (RECIPIENTS[event.type as TicketEventType] ?? []).flatMap((who) => people[who]);
  if (recipients.length === 0) return [{ key: '', role: 'nobody', channel: 'email' }];
  return recipients.flatMap((person) =>
    channels.map((channel) => ({ ...person, channel, address: channel === 'email' ? person.address : person.account })),
  );
}

function requesterKey(system: string, requester: Requester): string {
  return requester.kind === 'user'
    ? `${system}:user:${requester.id}`
    : `${system}:guest:${normalised(requester.email)}`;
}

function normalised(address: string): string {
  const [local = '', domain = ''] = address.split(/@(?=[^@]*$)/);
  const lower = domain.toLowerCase();
  return `${local.normalize('NFC').toLowerCase()}@${domainToASCII(lower) || lower}`;
}
