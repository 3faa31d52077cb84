import type { TicketEvent } from '@bellhop/contracts/events';
import { type FeedKind, feedKind, WEEKDAYS } from '@bellhop/contracts/http';
import { buildEvent } from '@bellhop/contracts/testing';
import { describe, expect, it } from '@jest/globals';
import { knowing } from '../../test/knowledge.js';
import { ALERTS } from './alerts.js';
import { type ChannelName, type Decision, type Knowledge, type PlannedChannel, plan } from './plan.js';
import { recipientsOf } from './recipients.js';
import { cellOf, DEFAULT_SETTINGS, lockOf, type PersonSettings } from './settings.js';

const NOW = new Date('2026-11-22T10:00:00Z');
const byAccount = ({ id }: { id?: string | undefined }) => id ?? null;
const CHANNELS: PlannedChannel[] = [
  {
    name: 'email',
    endpointOf: ({ email }) => email ?? null,
    noEndpoint: 'no_address',
    digestWindow: { quietMs: 120_000, maxWaitMs: 600_000 },
  },
  { name: 'feed', endpointOf: byAccount, noEndpoint: 'no_endpoint', digestWindow: { quietMs: 0, maxWaitMs: 0 } },
  {
    name: 'push',
    endpointOf: byAccount,
    noEndpoint: 'no_device',
    leavesOut: new Set(['created']),
    digestWindow: { quietMs: 10_000, maxWaitMs: 10_000 },
    isLoud: true,
  },
];
const ada = { kind: 'user' as const, id: 'ada', email: 'ada@example.com', timezone: 'Europe/Berlin' };
const lea = { kind: 'user' as const, id: 'lea', email: 'lea@example.com' };
const people = { requester: ada, assignee: lea, actor: { kind: 'system' as const } };

function decide(event: TicketEvent, over: Partial<PersonSettings> = {}, knowledge: Partial<Knowledge> = {}) {
  const fact = { system: 'bellhop', event };
  const settings = { ...DEFAULT_SETTINGS, ...over };
  return plan(
    fact,
    recipientsOf(fact, undefined),
    knowing({ now: NOW, settingsOf: () => settings, ...knowledge }),
    CHANNELS,
  );
}

const channelOf = (one: Decision) => {
  if (one.kind === 'nobody') throw new Error('somebody is notified here');
  return one.kind === 'deliver' ? one.alert.channel : one.channel;
};
const on = (decisions: readonly Decision[], channel: ChannelName) =>
  decisions.find((one) => channelOf(one) === channel) as Decision;
/** When it goes, in seconds from now, and the rule that put it off. */
const timeOf = (decision: Decision) => {
  if (decision.kind !== 'deliver') throw new Error(`not delivered: ${decision.reason}`);
  const { dueAt, latestAt, rule } = decision.alert.timing;
  return [(dueAt.getTime() - NOW.getTime()) / 1000, (latestAt.getTime() - NOW.getTime()) / 1000, rule];
};

const EVENT_OF = Object.fromEntries(
  Object.entries(ALERTS).flatMap(([type, rule]) => (rule === 'nobody' ? [] : [[rule.template, type]])),
) as Record<FeedKind, TicketEvent['type']>;
const cells = feedKind.options.flatMap((kind) => CHANNELS.map(({ name }) => [kind, name] as const));

describe('F7 each cell of the matrix', () => {
  it.each(cells)('%s on %s: off keeps it off this channel alone, and names the rule', (kind, channel) => {
    const event = buildEvent(EVENT_OF[kind], people);
    const off = new Set([cellOf(kind, channel)]);
    const [before, after] = [decide(event), decide(event, { off })];
    for (const [index, decision] of after.entries()) {
      const isThisOne = channelOf(decision) === channel && !lockOf(kind, channel);
      if (isThisOne)
        expect(decision).toMatchObject({ kind: 'skip', reason: 'switched_off', rule: `${kind}.${channel}` });
      else expect(decision.kind).toBe(before[index]?.kind);
    }
  });

  it.each(CHANNELS.map(({ name }) => name))(
    'the master switch of %s keeps every kind off it but a receipt',
    (channel) => {
      for (const kind of feedKind.options) {
        for (const decision of decide(buildEvent(EVENT_OF[kind], people), { off: new Set([`*.${channel}`]) })) {
          const isOff = decision.kind === 'skip' && decision.rule === `*.${channel}`;
          expect([kind, channelOf(decision), isOff]).toEqual([
            kind,
            channelOf(decision),
            channelOf(decision) === channel && !lockOf(kind, channel),
          ]);
        }
      }
    },
  );

  it('the receipt of a new ticket always comes by mail', () => {
    const decisions = decide(buildEvent('ticket.created.v1', people), { off: new Set(['created.email', '*.email']) });
    expect(on(decisions, 'email').kind).toBe('deliver');
  });

  it('a kind that nobody has heard of yet is on', () => {
    expect(decide(buildEvent('ticket.replied.v1', people), { off: new Set(['later.email']) })).toHaveLength(3);
    expect(on(decide(buildEvent('ticket.replied.v1', people)), 'email').kind).toBe('deliver');
  });
});

it('a muted ticket reaches its person on no channel, not even with what is locked', () => {
  for (const type of ['ticket.created.v1', 'ticket.replied.v1'] as const) {
    const decisions = decide(buildEvent(type, people), {}, { isMuted: () => true });
    expect(on(decisions, 'email')).toMatchObject({ reason: 'muted', rule: 'mute' });
    expect(on(decisions, 'feed')).toMatchObject({ reason: 'muted', rule: 'mute' });
  }
});

describe('the mail for those who have not seen the push', () => {
  const replied = buildEvent('ticket.replied.v1', people);

  it('comes as soon as its window ends for customers, unless they say otherwise', () => {
    expect(timeOf(on(decide(replied), 'email'))).toEqual([120, 600, null]);
    const later = decide(replied, { mailAfterMinutes: 15 });
    expect(timeOf(on(later, 'push'))).toEqual([10, 10, null]);
    expect(timeOf(on(later, 'email'))).toEqual([910, 910, 'mail_after']);
  });

  it('does not wait where no push comes: no device, switched off, nothing for this kind', () => {
    const over = { mailAfterMinutes: 60 } as const;
    const noDevice = { isReached: (channel: ChannelName) => channel !== 'push' };
    expect(timeOf(on(decide(replied, over, noDevice), 'email'))).toEqual([120, 600, null]);
    expect(timeOf(on(decide(replied, { ...over, off: new Set(['*.push']) }), 'email'))).toEqual([120, 600, null]);
    expect(timeOf(on(decide(buildEvent('ticket.created.v1', people), over), 'email'))).toEqual([0, 600, null]);
  });

  it('follows a push that goes at once', () => {
    const resolved = decide(buildEvent('ticket.resolved.v1', people), { mailAfterMinutes: 15 });
    expect(timeOf(on(resolved, 'push'))).toEqual([0, 10, null]);
    expect(timeOf(on(resolved, 'email'))).toEqual([900, 910, 'mail_after']);
  });

  it('of agents waits a quarter of an hour, unless they say otherwise', () => {
    const assigned = buildEvent('ticket.assigned.v1', people);
    expect(timeOf(on(decide(assigned), 'email'))).toEqual([910, 910, 'mail_after']);
    expect(timeOf(on(decide(assigned, { mailAfterMinutes: 0 }), 'email'))).toEqual([120, 600, null]);
  });
});

describe('quiet hours', () => {
  // 11:00 to 12:00 in Berlin, where it is 11:00 now.
  const quietHours = { from: '11:00', to: '12:00', days: [...WEEKDAYS] };
  const replied = buildEvent('ticket.replied.v1', people);

  it('put off the push until they end, and nothing else', () => {
    const decisions = decide(replied, { quietHours });
    expect(timeOf(on(decisions, 'push'))).toEqual([3600, 3600, 'quiet_hours']);
    expect(timeOf(on(decisions, 'email'))).toEqual([120, 600, null]);
    expect(timeOf(on(decisions, 'feed'))).toEqual([0, 0, null]);
  });

  it('do not put off the mail that follows the push: it comes at night, without a sound', () => {
    expect(timeOf(on(decide(replied, { quietHours, mailAfterMinutes: 15 }), 'email'))).toEqual([
      910,
      910,
      'mail_after',
    ]);
  });

  it('do not hold emergencies; vip tickets wait', () => {
    const of = (priority: 'emergency' | 'vip') => buildEvent('ticket.replied.v1', { ...people, ticket: { priority } });
    expect(timeOf(on(decide(of('emergency'), { quietHours }), 'push'))).toEqual([10, 10, null]);
    expect(timeOf(on(decide(of('vip'), { quietHours }), 'push'))).toEqual([3600, 3600, 'quiet_hours']);
  });

  it('hold what would go at once, and let an emergency that comes later take it along', () => {
    const decision = on(decide(buildEvent('ticket.resolved.v1', people), { quietHours }), 'push');
    expect(decision.kind === 'deliver' && decision.alert.timing.isImmediate).toBe(false);
    expect(timeOf(decision)).toEqual([3600, 3600, 'quiet_hours']);
  });

  it('are in the zone of the person, which is UTC for whom none is known', () => {
    const nowhere = { ...people, requester: { ...ada, timezone: undefined } };
    const decisions = decide(buildEvent('ticket.replied.v1', nowhere), { quietHours });
    expect(timeOf(on(decisions, 'push'))).toEqual([10, 10, null]);
  });
});
