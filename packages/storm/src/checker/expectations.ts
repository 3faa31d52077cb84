import { domainToASCII } from 'node:url';
import type { TicketEventType } from '@bellhop/contracts/events';
import type { Requester } from '@bellhop/contracts/persons';
import type { CommittedEvent } from './evidence.js';

/** Somebody who has to hear of an event, or nobody: then `key` is empty. */
export interface Expected {
  readonly key: string;
  readonly role: 'requester' | 'assignee' | 'team' | 'nobody';
  readonly address?: string | undefined;
}

type Who = 'requester' | 'assignee' | 'team' | 'assignee_or_team';

/**
 * Who hears of what, written down a second time on purpose, from the table of events and not from the app's code: a checker
 * that asked the app would agree with it in everything.
 */
const WHO_HEARS: Partial<Record<TicketEventType, readonly Who[]>> = {
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

/** Everybody who needs a decision about the event. Never empty: that nobody hears of it is decided, too. */
export function expectedOf({ system, event }: CommittedEvent, agentsAddress: string | undefined): Expected[] {
  const { requester, assignee } = event.data;
  const team: Expected[] =
    system === 'bellhop' && agentsAddress !== undefined
      ? [{ key: 'bellhop:team', role: 'team', address: agentsAddress }]
      : [];
  const agent: Expected[] = assignee
    ? [{ key: `${system}:agent:${assignee.id}`, role: 'assignee', address: assignee.email }]
    : [];
  const people: Record<Who, readonly Expected[]> = {
    requester: [{ key: requesterKey(system, requester), role: 'requester', address: requester.email }],
    assignee: agent,
    team,
    assignee_or_team: agent.length > 0 ? agent : team,
  };
  const hearers = (WHO_HEARS[event.type as TicketEventType] ?? []).flatMap((who) => people[who]);
  return hearers.length > 0 ? hearers : [{ key: '', role: 'nobody' }];
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
