import type { TicketEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { describe, expect, it } from '@jest/globals';
import { knowing } from '../../test/knowledge.js';
import { type Knowledge, type PlannedChannel, plan } from './plan.js';
import { accountOf, recipientsOf } from './recipients.js';

const email: PlannedChannel = {
  name: 'email',
  endpointOf: (recipient) => recipient.email ?? null,
  noEndpoint: 'no_address',
  digestWindow: { quietMs: 120_000, maxWaitMs: 600_000 },
};
const team = 'team@example.com';
const ignorance = knowing({});
const requester = { kind: 'user' as const, id: 'u-1', email: 'u-1@example.com' };
const assignee = { kind: 'user' as const, id: 'agent-7', email: 'agent-7@example.com' };
const customer = { kind: 'customer' as const, id: 'u-1' };
const colleague = { kind: 'agent' as const, id: 'agent-8' };

/** Who is notified of what: `key template immediate?` or `key skip reason`, in order. */
function planned(event: TicketEvent, options: { system?: string; knowledge?: Partial<Knowledge> } = {}): string[] {
  const fact = { system: options.system ?? 'bellhop', event };
  return plan(fact, recipientsOf(fact, team), knowing(options.knowledge ?? {}), [email]).map((one) => {
    if (one.kind === 'nobody') return `nobody skip ${one.reason}`;
    if (one.kind === 'skip') return `${one.recipient.key} skip ${one.reason}`;
    return `${one.alert.recipient.key} ${one.alert.template}${one.alert.timing.isImmediate ? ' at once' : ''}`;
  });
}

describe('who is notified of what', () => {
  const data = { requester, assignee, actor: colleague };
  const theirs = { ...data, actor: customer };
  it.each<[TicketEvent, string[]]>([
    [buildEvent('ticket.created.v1', theirs), ['bellhop:user:u-1 created at once', 'bellhop:team created']],
    [buildEvent('ticket.replied.v1', data), ['bellhop:user:u-1 replied']],
    [buildEvent('ticket.information_requested.v1', data), ['bellhop:user:u-1 information_requested']],
    [buildEvent('ticket.resolved.v1', data), ['bellhop:user:u-1 resolved at once']],
    [buildEvent('ticket.reopened.v1', theirs), ['bellhop:agent:agent-7 reopened']],
    [buildEvent('ticket.closed.v1', data), ['nobody skip nobody_hears']],
    [buildEvent('ticket.customer_replied.v1', theirs), ['bellhop:agent:agent-7 customer_replied']],
    [buildEvent('ticket.customer_replied.v1', { ...theirs, assignee: undefined }), ['bellhop:team customer_replied']],
    [buildEvent('ticket.assigned.v1', data), ['bellhop:agent:agent-7 assigned']],
    [buildEvent('ticket.promise_changed.v1', data), ['nobody skip nobody_hears']],
    [buildEvent('ticket.promise_at_risk.v1', data), ['bellhop:agent:agent-7 promise_at_risk']],
    [
      buildEvent('ticket.promise_missed.v1', data),
      ['bellhop:agent:agent-7 promise_missed', 'bellhop:user:u-1 promise_missed'],
    ],
    [buildEvent('ticket.seen.v1', data), ['nobody skip nobody_hears']],
  ])('$type', (event, expected) => {
    expect(planned(event)).toEqual(expected);
  });
});

describe('who is not notified, and why', () => {
  it('an agent is not notified of their own action', () => {
    const event = buildEvent('ticket.assigned.v1', { requester, assignee, actor: { kind: 'agent', id: 'agent-7' } });
    expect(planned(event)).toEqual(['bellhop:agent:agent-7 skip own_action']);
  });

  it.each<[string, TicketEvent, string[]]>([
    [
      'a requester, of their own answer as an agent',
      buildEvent('ticket.replied.v1', { requester, actor: { kind: 'agent', id: 'u-1' } }),
      ['bellhop:user:u-1 skip own_action'],
    ],
    [
      'an agent, of an answer to their own ticket',
      buildEvent('ticket.customer_replied.v1', { requester, assignee: { ...requester }, actor: customer }),
      ['bellhop:agent:u-1 skip own_action'],
    ],
    [
      'nobody but the filer of the receipt',
      buildEvent('ticket.created.v1', { requester, actor: customer }),
      ['bellhop:user:u-1 created at once', 'bellhop:team created'],
    ],
  ])('one person in two roles is not told of their own deed: %s', (_, event, expected) => {
    expect(planned(event)).toEqual(expected);
  });

  it('another system may count agents and customers apart', () => {
    const event = buildEvent('ticket.replied.v1', { requester, actor: { kind: 'agent', id: 'u-1' } });
    expect(planned(event, { system: 'crm' })).toEqual(['crm:user:u-1 replied']);
    const own = buildEvent('ticket.resolved.v1', { requester, actor: customer });
    expect(planned(own, { system: 'crm' })).toEqual(['crm:user:u-1 skip own_action']);
  });

  it('a person without an address is skipped', () => {
    const event = buildEvent('ticket.replied.v1', { requester: { kind: 'user', id: 'u-1', email: undefined } });
    expect(planned(event)).toEqual(['bellhop:user:u-1 skip no_address']);
  });

  it('an older fact is overtaken, one of the same version is not', () => {
    const event = buildEvent('ticket.replied.v1', { requester, ticket: { version: 4 } });
    expect(planned(event, { knowledge: { notified: () => 5, seen: 0 } })).toEqual(['bellhop:user:u-1 skip overtaken']);
    expect(planned(event, { knowledge: { notified: () => 4, seen: 0 } })).toEqual(['bellhop:user:u-1 replied']);
  });

  it('a version that the requester has seen is skipped for the requester, not for agents', () => {
    const event = buildEvent('ticket.promise_missed.v1', { requester, assignee, ticket: { version: 4 } });
    expect(planned(event, { knowledge: { notified: () => 0, seen: 4 } })).toEqual([
      'bellhop:agent:agent-7 promise_missed',
      'bellhop:user:u-1 skip seen',
    ]);
  });
});

describe('S35 one system and the people of another', () => {
  it('gives people of another system keys of that system, also when they have our ids', () => {
    expect(planned(buildEvent('ticket.replied.v1', { requester }), { system: 'crm' })).toEqual([
      'crm:user:u-1 replied',
    ]);
  });

  it('keeps another system from writing to our shared mailbox', () => {
    const event = buildEvent('ticket.created.v1', { requester, assignee: undefined });
    expect(planned(event, { system: 'crm' })).toEqual(['crm:user:u-1 created at once']);
  });
});

it('one mailbox in two spellings is one guest', () => {
  const keys = ['Jana@EXAMPLE.com', 'jana@example.com'].map((email) =>
    planned(buildEvent('ticket.replied.v1', { requester: { kind: 'guest', email } }), { system: 'crm' }),
  );
  expect(keys[0]).toEqual(keys[1]);
});

it('emergency and vip tickets go first', () => {
  const priorities = (['emergency', 'vip', 'high', 'normal', 'low'] as const).map((priority) => {
    const event = buildEvent('ticket.replied.v1', { requester, ticket: { priority } });
    const fact = { system: 'bellhop', event };
    const [decision] = plan(fact, recipientsOf(fact, team), ignorance, [email]);
    return decision?.kind === 'deliver' && decision.alert.priority;
  });
  expect(priorities).toEqual([1, 1, 2, 2, 2]);
});

it('each channel has its own endpoint and its own notified watermark', () => {
  const push: PlannedChannel = {
    name: 'push',
    endpointOf: ({ kind, key }) => (kind === 'user' ? key : null),
    noEndpoint: 'no_endpoint',
    digestWindow: { quietMs: 10_000, maxWaitMs: 10_000 },
  };
  const decided = (person: TicketEvent['data']['requester'], notifiedByMail = 0) => {
    const event = buildEvent('ticket.replied.v1', { requester: person, ticket: { version: 4 } });
    const knowledge = knowing({ notified: (_, channel) => (channel === 'email' ? notifiedByMail : 0) });
    const fact = { system: 'crm', event };
    return plan(fact, recipientsOf(fact, team), knowledge, [email, push]).map((one) => {
      if (one.kind !== 'deliver') return `${one.kind === 'skip' && one.channel} ${one.reason}`;
      return `${one.alert.channel} ${one.alert.endpoint}`;
    });
  };
  expect(decided(requester)).toEqual(['email u-1@example.com', 'push crm:user:u-1']);
  expect(decided(requester, 5)).toEqual(['email overtaken', 'push crm:user:u-1']);
  expect(decided({ kind: 'user', id: 'u-1', email: undefined })).toEqual(['email no_address', 'push crm:user:u-1']);
  expect(decided({ kind: 'guest', email: 'g@example.com' })).toEqual(['email g@example.com', 'push no_endpoint']);
});

it('an account of ours is a way to reach its owner; people of other systems, guests and the team have none', () => {
  const accounts = (system: string, person: TicketEvent['data']['requester']) => {
    const event = buildEvent('ticket.created.v1', { requester: person, assignee: undefined });
    return recipientsOf({ system, event }, team).map(accountOf);
  };
  expect(accounts('bellhop', requester)).toEqual(['u-1', null]);
  expect(accounts('crm', requester)).toEqual([null]);
  expect(accounts('bellhop', { kind: 'guest', email: 'g@example.com' })).toEqual([null, null]);
});
