import { events, type TicketEvent } from '@bellhop/contracts/events';
import type { Requester } from '@bellhop/contracts/persons';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TicketRuleError } from './ticket.errors.js';
import { type Command, decide, type Fact, file, type Ticket } from './ticket.js';
import { ticketEvent } from './ticket-event.js';

const START = Date.parse('2026-11-22T10:00:00.000Z');
const ID = '0199f3a0-2b1c-4b0a-8c55-6f0d2f7f1a90';

const by = fc.constantFrom({ kind: 'customer', id: 'ada' } as const, { kind: 'agent', id: 'agent-7' } as const);
const messageId = fc.uuid();
const agent = fc
  .constantFrom('agent-7', 'agent-8')
  .map((id) => ({ kind: 'user', id, email: `${id}@example.com`, locale: 'pl' }) as const);

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constant('prove' as const), by }),
  fc.record({ type: fc.constant('answer' as const), by, messageId }),
  fc.record({ type: fc.constant('reply' as const), by, messageId }),
  fc.record({
    type: fc.constant('request_information' as const),
    by,
    messageId,
    dueAt: fc.option(
      fc.integer({ min: START - 1e7, max: START + 1e8 }).map((ms) => new Date(ms)),
      { nil: undefined },
    ),
  }),
  fc.record({ type: fc.constant('resolve' as const), by, messageId: fc.option(messageId, { nil: undefined }) }),
  fc.record({ type: fc.constant('assign' as const), by, agent }),
  fc.record({ type: fc.constant('close' as const), by }),
  fc.record({ type: fc.constant('reopen' as const), by }),
  fc.record({
    type: fc.constant('see' as const),
    by,
    version: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  }),
);

const requester = fc.constantFrom<Requester>(
  { kind: 'user', id: 'ada', email: 'ada@example.com', timezone: 'Europe/Warsaw' },
  { kind: 'guest', email: 'jana@example.com', locale: 'pl' },
);

interface Life {
  ticket: Ticket;
  facts: Fact[];
  published: TicketEvent[];
}

/** Obeys every command one minute after the other; a refused one leaves the ticket as it was. */
function live([commands, requester]: [readonly Command[], Requester]): Life {
  const filed = file({ id: ID, number: '7K4M2Q', category: 'trading', requester }, new Date(START));
  let ticket = filed.ticket;
  const facts = [...filed.facts];
  const published = facts.map((fact) => ticketEvent('e-0', ticket, fact));
  for (const [index, next] of commands.entries()) {
    try {
      const change = decide(ticket, next, new Date(START + (index + 1) * 60_000));
      ticket = change.ticket;
      facts.push(...change.facts);
      published.push(...change.facts.map((fact, n) => ticketEvent(`e-${index + 1}-${n}`, change.ticket, fact)));
    } catch (error) {
      if (!(error instanceof TicketRuleError)) throw error;
    }
  }
  return { ticket, facts, published };
}

const lives = fc.tuple(fc.array(command, { maxLength: 40 }), requester).map(live);
const isHeardOf = ({ ticket }: Life) => ticket.status !== 'unverified';

describe('any sequence of commands', () => {
  it('ends in a legal state', () => {
    fc.assert(
      fc.property(lives, ({ ticket }) => {
        const isGuests = ticket.requester.kind === 'guest';
        expect([...(isGuests ? ['unverified'] : []), 'open', 'waiting', 'resolved', 'closed']).toContain(ticket.status);
        expect(ticket.seenVersion).toBeLessThanOrEqual(ticket.version);
        expect(ticket.updatedAt.getTime()).toBeGreaterThanOrEqual(ticket.createdAt.getTime());
      }),
    );
  });

  it('increments the version with every fact, so that no two facts share one', () => {
    fc.assert(
      fc.property(lives, ({ ticket, facts }) => {
        const versions = facts.filter((fact) => fact.type !== 'ticket.seen.v1').map((fact) => fact.version);
        expect(versions).toEqual(versions.map((_, index) => index + 1));
        expect(ticket.version).toBe(Math.max(versions.length, 1));
      }),
    );
  });

  it('publishes each seen version at most once, and never one that does not exist yet', () => {
    fc.assert(
      fc.property(lives, ({ facts }) => {
        let [newest, lastSeen] = [0, 0];
        for (const { type, version } of facts) {
          if (type === 'ticket.seen.v1') {
            expect(version).toBeGreaterThan(lastSeen);
            expect(version).toBeLessThanOrEqual(newest);
            lastSeen = version;
          } else newest = version;
        }
      }),
    );
  });

  it('has its last state in its last fact', () => {
    fc.assert(
      fc.property(lives.filter(isHeardOf), ({ ticket, facts }) => {
        expect(facts.at(-1)?.status).toBe(ticket.status);
      }),
    );
  });

  it('publishes nothing of an unproven ticket, and of every other one created event, first', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const created = life.facts.filter(({ type }) => type === 'ticket.created.v1');
        expect(created).toEqual(isHeardOf(life) ? [life.facts[0]] : []);
        if (!isHeardOf(life)) expect(life.facts).toEqual([]);
      }),
    );
  });

  it('never makes a ticket unproven again', () => {
    fc.assert(
      fc.property(lives, command, ({ ticket }, next) => {
        fc.pre(ticket.status !== 'unverified');
        try {
          expect(decide(ticket, next, new Date(START + 1e9)).ticket.status).not.toBe('unverified');
        } catch (error) {
          if (!(error instanceof TicketRuleError)) throw error;
        }
      }),
    );
  });

  it('publishes only events that the contract accepts', () => {
    fc.assert(
      fc.property(lives, ({ published }) => {
        for (const event of published) expect(events[event.type].strict().parse(event)).toEqual(event);
      }),
    );
  });
});
