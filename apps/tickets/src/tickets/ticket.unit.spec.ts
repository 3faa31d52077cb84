import { describe, expect, it } from '@jest/globals';
import { TicketRuleError } from './ticket.errors.js';
import { type Command, type CommandType, customerOf, decide, file, type Ticket } from './ticket.js';

const FILED = new Date('2026-11-22T10:00:00.000Z');
const NOW = new Date('2026-11-22T11:00:00.000Z');
const customer = { kind: 'customer', id: 'ada' } as const;
const agent = { kind: 'agent', id: 'agent-7' } as const;
const mira = { kind: 'user', id: 'agent-7', email: 'mira@example.com' } as const;
const leo = { kind: 'user', id: 'agent-8', email: 'leo@example.com' } as const;

const commands: Record<CommandType, Command> = {
  prove: { type: 'prove', by: customer },
  answer: { type: 'answer', by: customer, messageId: 'm-1' },
  reply: { type: 'reply', by: agent, messageId: 'm-1' },
  request_information: { type: 'request_information', by: agent, messageId: 'm-1' },
  resolve: { type: 'resolve', by: agent },
  assign: { type: 'assign', by: agent, agent: mira },
  close: { type: 'close', by: customer },
  reopen: { type: 'reopen', by: customer },
  see: { type: 'see', by: customer },
};

type Status = Ticket['status'];

const given = (status: Status, more: Partial<Ticket> = {}): Ticket => ({
  id: 't-1',
  number: '7K4M2Q',
  status,
  category: 'trading',
  priority: 'normal',
  version: 5,
  seenVersion: 5,
  requester: { kind: 'user', id: 'ada', email: 'ada@example.com' },
  assignee: null,
  createdAt: FILED,
  updatedAt: FILED,
  ...more,
});

/** `reopened 6 open` for each fact: what, as which version, and how the ticket stands then. */
const told = (ticket: Ticket, command: Command): string[] | string => {
  try {
    return decide(ticket, command, NOW).facts.map(
      (fact) => `${fact.type.split('.')[1]} ${fact.version} ${fact.status}`,
    );
  } catch (error) {
    if (error instanceof TicketRuleError) return error.code;
    throw error;
  }
};

/** Given a status, when a command comes, then these facts are told; a bare word is the code of the refusal. */
const RULES: Record<CommandType, Record<Status, string[] | string>> = {
  prove: { unverified: ['created 5 open'], open: [], waiting: [], resolved: [], closed: [] },
  answer: {
    unverified: 'ticket_unverified',
    open: ['customer_replied 6 open'],
    waiting: ['customer_replied 6 open'],
    resolved: ['reopened 6 open', 'customer_replied 7 open'],
    closed: 'ticket_closed',
  },
  reply: {
    unverified: 'ticket_unverified',
    open: ['replied 6 open'],
    waiting: ['replied 6 waiting'],
    resolved: ['replied 6 resolved'],
    closed: 'ticket_closed',
  },
  request_information: {
    unverified: 'ticket_unverified',
    open: ['information_requested 6 waiting'],
    waiting: ['information_requested 6 waiting'],
    resolved: ['reopened 6 open', 'information_requested 7 waiting'],
    closed: 'ticket_closed',
  },
  resolve: {
    unverified: 'ticket_unverified',
    open: ['resolved 6 resolved'],
    waiting: ['resolved 6 resolved'],
    resolved: [],
    closed: 'ticket_closed',
  },
  assign: {
    unverified: 'ticket_unverified',
    open: ['assigned 6 open'],
    waiting: ['assigned 6 waiting'],
    resolved: ['assigned 6 resolved'],
    closed: 'ticket_closed',
  },
  close: {
    unverified: 'ticket_unverified',
    open: ['closed 6 closed'],
    waiting: ['closed 6 closed'],
    resolved: ['closed 6 closed'],
    closed: [],
  },
  reopen: {
    unverified: 'ticket_unverified',
    open: [],
    waiting: [],
    resolved: ['reopened 6 open'],
    closed: ['reopened 6 open'],
  },
  see: { unverified: 'ticket_unverified', open: [], waiting: [], resolved: [], closed: [] },
};

describe('the rules of a ticket', () => {
  const cases = Object.entries(RULES).flatMap(([command, row]) =>
    Object.entries(row).map(([status, then]) => ({ command: command as CommandType, status: status as Status, then })),
  );

  it.each(cases)('given $status, when $command, then $then', ({ command, status, then }) => {
    expect(told(given(status), commands[command])).toEqual(then);
  });

  it('leaves the ticket in the state of the last fact', () => {
    const { ticket, facts } = decide(given('resolved'), commands.answer, NOW);
    expect(ticket).toMatchObject({ status: 'open', version: 7, updatedAt: NOW, createdAt: FILED });
    expect(facts.map((fact) => fact.messageId)).toEqual([undefined, 'm-1']);
  });

  it('files a ticket as open, in its first version, seen by the one who filed it', () => {
    const { id, number, category, requester } = given('open');
    const { ticket, facts } = file({ id, number, category, requester }, NOW);
    expect(ticket).toEqual(given('open', { version: 1, seenVersion: 1, createdAt: NOW, updatedAt: NOW }));
    expect(facts).toEqual([{ type: 'ticket.created.v1', version: 1, status: 'open', by: customer, at: NOW }]);
  });
});

describe('a ticket of a guest', () => {
  const jana = { kind: 'guest', email: 'jana@example.com', locale: 'pl' } as const;
  const filed = file({ id: 't-1', number: '7K4M2Q', category: 'trading', requester: jana }, FILED);

  it('is filed unverified, without an event', () => {
    expect(filed.facts).toEqual([]);
    expect(filed.ticket).toMatchObject({ status: 'unverified', version: 1, seenVersion: 1, requester: jana });
  });

  it('has its created event when its address is proven, however late, by a customer without an id', () => {
    const by = customerOf(filed.ticket);
    const { ticket, facts } = decide(filed.ticket, { type: 'prove', by }, NOW);
    expect(facts).toEqual([
      { type: 'ticket.created.v1', version: 1, status: 'open', by: { kind: 'customer' }, at: NOW },
    ]);
    expect(ticket).toEqual({ ...filed.ticket, status: 'open', updatedAt: NOW });
  });

  it('has one created event, however often it is proven', () => {
    const { ticket } = decide(filed.ticket, { type: 'prove', by: { kind: 'customer' } }, NOW);
    expect(decide(ticket, { type: 'prove', by: { kind: 'customer' } }, NOW)).toEqual({ ticket, facts: [] });
  });
});

describe('assigning', () => {
  it('to the present assignee changes nothing', () => {
    const ticket = given('open', { assignee: { ...mira } });
    expect(decide(ticket, commands.assign, NOW)).toEqual({ ticket, facts: [] });
  });

  it('to another agent hands the ticket over', () => {
    const change = decide(given('open', { assignee: mira }), { type: 'assign', by: agent, agent: leo }, NOW);
    expect(change.ticket.assignee).toEqual(leo);
    expect(change.facts).toHaveLength(1);
  });
});

describe('resolving a resolved ticket', () => {
  it('is refused when there is a text, which would be lost', () => {
    expect(told(given('resolved'), { type: 'resolve', by: agent, messageId: 'm-2' })).toBe('ticket_already_resolved');
  });
});

describe('asking for information', () => {
  const until = (dueAt: Date): Command => ({ type: 'request_information', by: agent, messageId: 'm-1', dueAt });

  it('carries the time by which the answer is needed', () => {
    const dueAt = new Date(NOW.getTime() + 1);
    expect(decide(given('open'), until(dueAt), NOW).facts[0]?.dueAt).toBe(dueAt);
  });

  it.each([0, -1])('is refused when that time is %s ms from now', (ms) => {
    expect(told(given('open'), until(new Date(NOW.getTime() + ms)))).toBe('due_in_the_past');
  });
});

describe('seeing', () => {
  const seen = (version?: number): Command => ({ type: 'see', by: customer, version });

  it.each([
    ['everything, without a version', seen(), 5],
    ['what was on the screen', seen(4), 4],
    ['no more than there is', seen(900), 5],
  ])('tells of %s', (_what, command, version) => {
    const before = given('waiting', { seenVersion: 3 });
    const { ticket, facts } = decide(before, command, NOW);
    expect(facts).toEqual([{ type: 'ticket.seen.v1', version, status: 'waiting', by: customer, at: NOW }]);
    expect(ticket).toEqual({ ...before, seenVersion: version });
  });

  it.each([[seen()], [seen(5)], [seen(4)]])('publishes nothing twice (%j)', (command) => {
    expect(told(given('open'), command)).toEqual([]);
  });
});
