import type { Category, Priority, TicketEventType, TicketStatus } from '@bellhop/contracts/events';
import type { Actor, Requester, User } from '@bellhop/contracts/persons';
import { TicketRuleError } from './ticket.errors.js';

/** A ticket as its rules see it: no text, no database. */
export interface Ticket {
  readonly id: string;
  readonly number: string;
  readonly status: TicketStatus;
  readonly category: Category;
  readonly priority: Priority;
  /** Counts up by one with every fact that changes the ticket, so no two of them share a version. */
  readonly version: number;
  /** The newest version that the requester has had on the screen. */
  readonly seenVersion: number;
  readonly requester: Requester;
  readonly assignee: User | null;
  readonly createdAt: Date;
  /** When the newest fact became true; lists show the newest first. */
  readonly updatedAt: Date;
}

/** What somebody wants of a ticket. Texts travel beside it: the rules need to know only that there is one. */
export type Command =
  /** The requester has shown that the address is theirs. */
  | { type: 'prove'; by: Actor }
  | { type: 'answer'; by: Actor; messageId: string }
  | { type: 'reply'; by: Actor; messageId: string }
  | { type: 'request_information'; by: Actor; messageId: string; dueAt?: Date | undefined }
  | { type: 'resolve'; by: Actor; messageId?: string | undefined }
  | { type: 'assign'; by: Actor; agent: User }
  | { type: 'close'; by: Actor }
  | { type: 'reopen'; by: Actor }
  /** `version` is what was on the screen; without it, the present one. */
  | { type: 'see'; by: Actor; version?: number | undefined };

export type CommandType = Command['type'];
type CommandOf<T extends CommandType> = Extract<Command, { type: T }>;

/** Something that became true, before it is dressed as an event. `status` and `version` are those right after it. */
export interface Fact {
  readonly type: TicketEventType;
  readonly version: number;
  readonly status: TicketStatus;
  readonly by: Actor;
  readonly at: Date;
  readonly messageId?: string | undefined;
  readonly dueAt?: Date | undefined;
}

/** The ticket after a command, and what happened on the way. No facts: nothing changed. */
export interface Change {
  readonly ticket: Ticket;
  readonly facts: readonly Fact[];
}

export type NewTicket = Pick<Ticket, 'id' | 'number' | 'category' | 'requester'>;

/**
 * A ticket of somebody with an account begins open: the provider of the account has proven who it is. Of a guest's
 * nobody hears before the address is proven.
 */
export function file(ticket: NewTicket, now: Date): Change {
  const filed: Ticket = {
    ...ticket,
    status: 'unverified',
    priority: 'normal',
    version: 1,
    seenVersion: 1,
    assignee: null,
    createdAt: now,
    updatedAt: now,
  };
  return ticket.requester.kind === 'user' ? opened(filed, customerOf(filed), now) : unchanged(filed);
}

/** The first that anybody hears of a ticket is its first version, however long it lay unproven. */
function opened(ticket: Ticket, by: Actor, at: Date): Change {
  const { version } = ticket;
  const fact: Fact = { type: 'ticket.created.v1', version, status: 'open', by, at };
  return { ticket: { ...ticket, status: 'open', updatedAt: at }, facts: [fact] };
}

/** The requester, as the one who does something. A guest's address is no id. */
export function customerOf({ requester }: Pick<Ticket, 'requester'>): Actor {
  return requester.kind === 'user' ? { kind: 'customer', id: requester.id } : { kind: 'customer' };
}

/**
 * The rules of a ticket, as a table of command × status:
 *
 * |                     | open     | waiting  | resolved              | closed  |
 * |---------------------|----------|----------|-----------------------|---------|
 * | answer              | open     | open     | reopened, then open   | refused |
 * | reply               | open     | waiting  | resolved              | refused |
 * | request_information | waiting  | waiting  | reopened, then waiting| refused |
 * | resolve             | resolved | resolved | same; refused with a text | refused |
 * | assign              | same     | same     | same                  | refused |
 * | close               | closed   | closed   | closed                | same    |
 * | reopen              | same     | same     | open                  | open    |
 * | see                 | same     | same     | same                  | same    |
 *
 * A reply leaves the status as it is: the question of a waiting ticket still stands, and a word after the
 * solution does not undo it. Nothing happens to an unverified ticket before its address is proven, which opens it;
 * proven once more, it stays as it is.
 *
 * @throws TicketRuleError
 */
export function decide(ticket: Ticket, command: Command, now: Date): Change {
  if (command.type === 'prove') return prove(ticket, command, now);
  if (ticket.status === 'unverified') throw new TicketRuleError('ticket_unverified');
  switch (command.type) {
    case 'answer':
      return answer(ticket, command, now);
    case 'reply':
      return record(ongoing(ticket), 'ticket.replied.v1', ticket.status, command, now);
    case 'request_information':
      return requestInformation(ticket, command, now);
    case 'resolve':
      return resolve(ticket, command, now);
    case 'assign':
      return assign(ticket, command, now);
    case 'close':
      if (ticket.status === 'closed') return unchanged(ticket);
      return record(unchanged(ticket), 'ticket.closed.v1', 'closed', command, now);
    case 'reopen':
      return reopened(ticket, command, now);
    case 'see':
      return see(ticket, command, now);
  }
}

/** Told twice, by the event and by the session that came before it, it is one fact. */
function prove(ticket: Ticket, { by }: CommandOf<'prove'>, now: Date): Change {
  return ticket.status === 'unverified' ? opened(ticket, by, now) : unchanged(ticket);
}

function answer(ticket: Ticket, command: CommandOf<'answer'>, now: Date): Change {
  return record(resumed(ticket, command, now), 'ticket.customer_replied.v1', 'open', command, now);
}

function requestInformation(ticket: Ticket, command: CommandOf<'request_information'>, now: Date): Change {
  if (command.dueAt && command.dueAt <= now) throw new TicketRuleError('due_in_the_past');
  return record(resumed(ticket, command, now), 'ticket.information_requested.v1', 'waiting', command, now);
}

function resolve(ticket: Ticket, command: CommandOf<'resolve'>, now: Date): Change {
  const change = ongoing(ticket);
  if (ticket.status !== 'resolved') return record(change, 'ticket.resolved.v1', 'resolved', command, now);
  // Pressing the button twice is harmless, but a text must not vanish without a word.
  if (command.messageId) throw new TicketRuleError('ticket_already_resolved');
  return change;
}

function assign(ticket: Ticket, command: CommandOf<'assign'>, now: Date): Change {
  const change = ongoing(ticket);
  if (ticket.assignee?.id === command.agent.id) return change;
  const assigned = { ...change, ticket: { ...ticket, assignee: command.agent } };
  return record(assigned, 'ticket.assigned.v1', ticket.status, command, now);
}

function reopened(ticket: Ticket, command: Command, now: Date): Change {
  if (ticket.status === 'open' || ticket.status === 'waiting') return unchanged(ticket);
  const { by } = command;
  return record(unchanged(ticket), 'ticket.reopened.v1', 'open', { by }, now);
}

/** Whoever goes on about a resolved ticket says by that that it is not resolved. */
function resumed(ticket: Ticket, command: Command, now: Date): Change {
  return reopened(ongoing(ticket).ticket, command, now);
}

/**
 * Looking at a ticket does not change it, so this fact counts nothing up: it carries the version that has been
 * seen. It is told once per version, or an open page would flood the stream.
 */
function see(ticket: Ticket, command: CommandOf<'see'>, now: Date): Change {
  const version = Math.min(command.version ?? ticket.version, ticket.version);
  if (version <= ticket.seenVersion) return unchanged(ticket);
  return {
    ticket: { ...ticket, seenVersion: version },
    facts: [{ type: 'ticket.seen.v1', version, status: ticket.status, by: command.by, at: now }],
  };
}

/** A closed conversation is continued only by reopening it, so that nobody writes into a void. */
function ongoing(ticket: Ticket): Change {
  if (ticket.status === 'closed') throw new TicketRuleError('ticket_closed');
  return unchanged(ticket);
}

function unchanged(ticket: Ticket): Change {
  return { ticket, facts: [] };
}

type Circumstances = Pick<Fact, 'by' | 'messageId' | 'dueAt'>;

function record(
  change: Change,
  type: TicketEventType,
  status: TicketStatus,
  { by, messageId, dueAt }: Circumstances,
  at: Date,
): Change {
  const version = change.ticket.version + 1;
  return {
    ticket: { ...change.ticket, status, version, updatedAt: at },
    facts: [...change.facts, { type, version, status, by, at, messageId, dueAt }],
  };
}
