import { PRIORITIES, type TicketEvent, type TicketEventType } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { knowing } from '../../test/knowledge.js';
import { digestOf } from './digest.js';
import type { Fact } from './fact.js';
import { type Decision, type PlannedChannel, plan } from './plan.js';
import { recipientsOf } from './recipients.js';

const TYPES = [
  'ticket.created.v1',
  'ticket.replied.v1',
  'ticket.information_requested.v1',
  'ticket.resolved.v1',
  'ticket.reopened.v1',
  'ticket.closed.v1',
  'ticket.customer_replied.v1',
  'ticket.assigned.v1',
  'ticket.promise_changed.v1',
  'ticket.promise_at_risk.v1',
  'ticket.promise_missed.v1',
  'ticket.seen.v1',
] as const satisfies readonly TicketEventType[];

const AGENTS = 'team@example.com';
/** Some ids look like the keys of other people. */
const id = fc.constantFrom('a', 'b', 'crm:user:a', 'bellhop:team', 'agent:b');
const email = fc.constantFrom('a@example.com', 'B@Example.com', AGENTS);
const user = fc.record({ kind: fc.constant('user' as const), id, email: fc.option(email, { nil: undefined }) });
const guest = fc.record({ kind: fc.constant('guest' as const), email });
const actor = fc.record({ kind: fc.constantFrom('customer', 'agent', 'system'), id });

const fact: fc.Arbitrary<Fact> = fc
  .record({
    system: fc.constantFrom('bellhop', 'crm', 'crm2', 'erp'),
    type: fc.constantFrom(...TYPES),
    requester: fc.oneof(user, guest),
    assignee: fc.option(user, { nil: undefined }),
    actor,
    version: fc.integer({ min: 1, max: 9 }),
    priority: fc.constantFrom(...PRIORITIES),
  })
  .map(({ system, type, requester, assignee, actor, version, priority }) => {
    const data = { requester, assignee, actor, ticket: { id: 'T-1', version, priority } };
    return { system, event: buildEvent(type, data as never) as TicketEvent };
  });
const knowledge = fc.record({ notified: fc.nat(9), seen: fc.nat(9) });
const policy = fc.record({ agentsAddress: fc.constantFrom(AGENTS, undefined), quietMs: fc.nat(3_600_000) });
const clock = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });

const channelsWith = (quietMs: number): PlannedChannel[] => {
  const digestWindow = { quietMs, maxWaitMs: quietMs };
  return [
    { name: 'email', endpointOf: ({ email: address }) => address ?? null, noEndpoint: 'no_address', digestWindow },
    {
      name: 'push',
      endpointOf: ({ kind, key }) => (kind === 'user' ? key : null),
      noEndpoint: 'no_endpoint',
      digestWindow,
    },
  ];
};

/** Plans random facts as intake does. */
function forAll(
  check: (all: {
    fact: Fact;
    notified: number;
    seen: number;
    now: Date;
    quietMs: number;
    agentsAddress?: string;
    decisions: Decision[];
  }) => void,
) {
  fc.assert(
    fc.property(fact, knowledge, policy, clock, (one, { notified, seen }, { agentsAddress, quietMs }, now) => {
      const rules = { quietMs, ...(agentsAddress && { agentsAddress }) };
      const decisions = plan(
        one,
        recipientsOf(one, agentsAddress),
        knowing({ notified: () => notified, seen, now }),
        channelsWith(quietMs),
      );
      check({ fact: one, notified, seen, now, ...rules, decisions });
    }),
    { numRuns: 500 },
  );
}

const subjectOf = (decision: Decision) => {
  if (decision.kind === 'nobody') return undefined;
  return decision.kind === 'deliver' ? decision.alert : decision;
};
const recipientOf = (decision: Decision) => subjectOf(decision)?.recipient;

describe('for any fact of any system at any time', () => {
  it('there is one decision for each recipient and channel; without recipients, one that says so', () => {
    forAll(({ fact, agentsAddress, decisions }) => {
      const concerned = recipientsOf(fact, agentsAddress).map(({ key }) => key);
      expect(new Set(concerned).size).toBe(concerned.length);
      if (concerned.length === 0) expect(decisions).toEqual([{ kind: 'nobody', reason: 'nobody_hears' }]);
      else {
        const decided = decisions.map((decision) => `${recipientOf(decision)?.key} ${subjectOf(decision)?.channel}`);
        expect(decided).toEqual(concerned.flatMap((key) => [`${key} email`, `${key} push`]));
      }
    });
  });

  it('nobody of another system is notified', () => {
    forAll(({ fact, decisions }) => {
      for (const decision of decisions) {
        const recipient = recipientOf(decision);
        if (recipient) expect(recipient.key.split(':')[0]).toBe(fact.system);
        if (fact.system !== 'bellhop') expect(recipient?.role).not.toBe('team');
      }
    });
  });

  it('nobody is notified of a version older than one that they were notified of or have seen', () => {
    forAll(({ fact, notified, seen, decisions }) => {
      for (const decision of decisions) {
        if (decision.kind !== 'deliver') continue;
        const { version } = fact.event.data.ticket;
        expect(version).toBeGreaterThanOrEqual(notified);
        if (decision.alert.recipient.role === 'requester') expect(version).toBeGreaterThan(seen);
      }
    });
  });

  it('a delivery has an endpoint, is due at once or after the digest window, and is urgent if its ticket is', () => {
    forAll(({ fact, now, quietMs, decisions }) => {
      const isUrgent = ['emergency', 'vip'].includes(fact.event.data.ticket.priority);
      for (const decision of decisions) {
        if (decision.kind !== 'deliver') continue;
        const { recipient, channel, endpoint, timing, priority } = decision.alert;
        const { dueAt } = digestOf(fact, decision.alert, now);
        expect(dueAt.getTime() - now.getTime()).toBe(timing.isImmediate ? 0 : quietMs);
        expect(endpoint).toBe(channel === 'email' ? recipient.email : recipient.key);
        expect(priority).toBe(isUrgent ? 1 : 2);
      }
    });
  });
});
