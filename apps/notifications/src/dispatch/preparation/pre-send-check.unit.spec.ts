import { WEEKDAYS } from '@bellhop/contracts/http';
import { mailboxOf } from '@bellhop/contracts/persons';
import { describe, expect, it } from '@jest/globals';
import { EMAIL_CEILINGS } from '../../channels/email/email-channel.js';
import { DEFAULT_SETTINGS, type PersonSettings } from '../../planning/settings.js';
import type { LeasedDelivery } from '../delivery.js';
import type { PreSendState } from './load-pre-send-state.js';
import { preSendCheck } from './pre-send-check.js';

const delivery = (over: Partial<LeasedDelivery> = {}): LeasedDelivery => ({
  id: '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11',
  channel: 'email',
  fence: 1,
  system: 'crm',
  ticketId: 'T-1',
  ticketNumber: 'N1',
  ticketUrl: null,
  version: 5,
  recipientKey: 'crm:user:u',
  role: 'requester',
  recipientKind: 'user',
  recipientId: 'u',
  endpoint: 'u@example.com',
  ceilingKey: mailboxOf(over.endpoint ?? 'u@example.com').address,
  suppressionKey: 'u@example.com',
  locale: null,
  timezone: null,
  template: 'replied',
  templateVersion: 5,
  at: null,
  replies: 1,
  eventIds: ['e5'],
  tries: 0,
  unknowns: 0,
  batchId: null,
  provider: null,
  providerRef: null,
  generation: 0,
  copies: 0,
  isAlone: false,
  requestId: null,
  expiresAt: null,
  priority: 2,
  firstAt: new Date(0),
  ...over,
});

const stateNow = (over: Partial<PreSendState> = {}): PreSendState => ({
  isExpired: false,
  requesterKey: 'crm:user:u',
  seenVersion: 0,
  isSeenInFeed: false,
  answeredVersion: 0,
  notifiedVersion: 5,
  isSuppressed: false,
  isErased: false,
  hasSuccessor: false,
  outranked: null,
  recentForTicket: 0,
  recentForPerson: 0,
  ticketAgeMs: null,
  personAgeMs: null,
  recentForTeam: 0,
  teamAgeMs: null,
  teamWaiting: 0,
  choice: { settings: DEFAULT_SETTINGS, isMuted: false, sealedPhrase: null },
  now: new Date('2026-11-22T23:00:00Z'),
  ...over,
});

const EMAIL = { name: 'email', ceilings: EMAIL_CEILINGS } as const;
const PUSH = { name: 'push', ceilings: EMAIL_CEILINGS, isLoud: true } as const;
/** Somebody who has decided this. */
const chose = (settings: Partial<PersonSettings>, isMuted = false) => ({
  settings: { ...DEFAULT_SETTINGS, ...settings },
  isMuted,
  sealedPhrase: null,
});
const check = (delivery: LeasedDelivery, state: PreSendState, sentNow: Map<string, number>) =>
  preSendCheck(delivery, state, EMAIL, sentNow);
const verdict = (d: Partial<LeasedDelivery>, s: Partial<PreSendState>) => check(delivery(d), stateNow(s), new Map());

describe('S34 the pre-send check', () => {
  it.each<[string, Partial<LeasedDelivery>, Partial<PreSendState>, string]>([
    ['the requester is another one now', {}, { requesterKey: 'crm:user:other' }, 'requester_changed'],
    ['the requester has it on the screen', {}, { seenVersion: 5 }, 'seen'],
    ['a newer one was claimed', {}, { notifiedVersion: 6 }, 'overtaken'],
    ['the address was refused for good', {}, { isSuppressed: true }, 'address_suppressed'],
    ['the person has muted the ticket', {}, { choice: chose({}, true) }, 'muted'],
    ['the person has switched it off', {}, { choice: chose({ off: new Set(['replied.email']) }) }, 'switched_off'],
    ['an agent has marked it as seen', { role: 'assignee' }, { isSeenInFeed: true }, 'seen'],
    ['S34 the person was erased', {}, { isErased: true }, 'erased'],
    ['it has expired', {}, { isExpired: true }, 'expired'],
  ])('skips when %s', (_, d, s, reason) => {
    expect(verdict(d, s)).toEqual({ kind: 'skip', reason });
  });

  it('sends when an older version was seen, and to agents whatever the requester did', () => {
    expect(verdict({}, { seenVersion: 4 })).toMatchObject({ kind: 'send', template: 'replied' });
    const agent = { role: 'assignee', recipientKey: 'crm:agent:a' } as const;
    expect(verdict(agent, { seenVersion: 9 })).toMatchObject({ kind: 'send' });
  });

  it('says "updated" once a question was answered', () => {
    const question = { template: 'information_requested', templateVersion: 5 } as const;
    expect(verdict(question, { answeredVersion: 6 })).toMatchObject({ kind: 'send', template: 'replied' });
    expect(verdict(question, { answeredVersion: 4 })).toMatchObject({
      kind: 'send',
      template: 'information_requested',
    });
  });
});

it('says what a failed delivery of higher rank would have said', () => {
  const outranked = { template: 'resolved', at: null } as const;
  expect(verdict({}, { outranked })).toMatchObject({ kind: 'send', template: 'resolved' });
});

describe('what a guest requested', () => {
  const code = { requestId: '0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11', template: 'code', version: 0 } as const;
  const expiresAt = new Date(600_000);

  it('is sent whatever was seen or sent meanwhile, and says when it expires', () => {
    const busy = { seenVersion: 9, notifiedVersion: 9, recentForTicket: 99, recentForPerson: 99, hasSuccessor: true };
    expect(verdict({ ...code, expiresAt }, busy)).toEqual({ kind: 'send', template: 'code', at: expiresAt });
  });

  it('does not count towards the ceiling of alerts', () => {
    const sentNow = new Map<string, number>();
    for (let asked = 0; asked < 50; asked++) check(delivery(code), stateNow(), sentNow);
    expect(check(delivery(), stateNow(), sentNow)).toMatchObject({ kind: 'send' });
  });

  it.each<[string, Partial<PreSendState>, string]>([
    ['it has expired', { isExpired: true }, 'expired'],
    ['the address was refused for good', { isSuppressed: true }, 'address_suppressed'],
    ['S34 the person was erased', { isErased: true }, 'erased'],
    ['the ticket is another’s now', { requesterKey: 'crm:user:other' }, 'requester_changed'],
  ])('S34 does not go when %s', (_, s, reason) => {
    expect(verdict(code, s)).toEqual({ kind: 'skip', reason });
  });
});

it('sends to the team even if its address was suppressed', () => {
  expect(verdict({ role: 'team' }, { isSuppressed: true })).toMatchObject({ kind: 'send' });
});

describe('S23 the ceiling', () => {
  it('holds the eleventh mail about a ticket until the oldest is ten minutes old', () => {
    expect(verdict({}, { recentForTicket: 10, ticketAgeMs: 60_000 })).toEqual({
      kind: 'hold',
      waitMs: 540_000,
      reason: 'ceiling',
    });
  });

  it('holds the thirty-first mail to a person until the oldest is an hour old', () => {
    expect(verdict({}, { recentForPerson: 30, personAgeMs: 60_000 })).toEqual({
      kind: 'hold',
      waitMs: 3_540_000,
      reason: 'ceiling',
    });
  });

  it('skips a delivery when a newer one waits', () => {
    expect(verdict({}, { recentForTicket: 10, hasSuccessor: true })).toEqual({
      kind: 'skip',
      reason: 'folded',
    });
  });

  it('counts what the same claim has let pass', () => {
    const sentNow = new Map<string, number>();
    const verdicts = Array.from({ length: EMAIL_CEILINGS.perPerson.count + 5 }, (_, index) =>
      check(delivery({ ticketId: `T-${index}` }), stateNow(), sentNow),
    );
    expect(verdicts.filter(({ kind }) => kind === 'send')).toHaveLength(EMAIL_CEILINGS.perPerson.count);
  });

  it('S23 counts one mailbox under many ids, systems and spellings', () => {
    const sentNow = new Map<string, number>();
    const addresses = ['ulla@gmail.com', 'U.Lla@Gmail.COM', 'ulla+news@gmail.com', 'u.l.l.a+x@googlemail.com'];
    const verdicts = Array.from({ length: 90 }, (_, index) =>
      check(
        delivery({
          ticketId: `T-${index}`,
          system: index % 2 ? 'crm' : 'erp',
          recipientKey: `crm:user:u${index}`,
          endpoint: addresses[index % 4] as string,
        }),
        stateNow({ requesterKey: `crm:user:u${index}` }),
        sentNow,
      ),
    );
    expect(verdicts.filter(({ kind }) => kind === 'send')).toHaveLength(EMAIL_CEILINGS.perPerson.count);
  });

  it('S23 takes a name with a dash for a whole name: two people do not share a ceiling', () => {
    const sentNow = new Map<string, number>();
    const verdicts = Array.from({ length: 90 }, (_, index) =>
      check(
        delivery({ ticketId: `T-${index}`, endpoint: `u${'-=.'[index % 3]}${index}@example.com` }),
        stateNow(),
        sentNow,
      ),
    );
    expect(verdicts.filter(({ kind }) => kind === 'send')).toHaveLength(90);
  });

  it('delays no mail to an agent by an hour, and limits them for each ticket', () => {
    const agent = { role: 'assignee', recipientKey: 'crm:agent:a' } as const;
    expect(verdict(agent, { recentForPerson: 99, personAgeMs: 60_000 })).toMatchObject({ kind: 'send' });
    expect(verdict(agent, { recentForTicket: 10, ticketAgeMs: 60_000 })).toEqual({
      kind: 'hold',
      waitMs: 540_000,
      reason: 'ceiling',
    });
  });

  it('does not count what an agent gets against the same mailbox as a customer', () => {
    const sentNow = new Map<string, number>();
    for (let index = 0; index < 50; index++)
      check(delivery({ role: 'assignee', ticketId: `A-${index}` }), stateNow(), sentNow);
    expect(check(delivery(), stateNow(), sentNow)).toMatchObject({ kind: 'send' });
  });

  it('delays the sixth mail to the team in a minute, and none longer', () => {
    const team = { role: 'team', recipientKey: 'bellhop:team' } as const;
    expect(verdict(team, { recentForPerson: 99, recentForTicket: 99 })).toMatchObject({
      kind: 'send',
    });
    expect(verdict(team, { recentForTeam: 4, teamAgeMs: 5_000 })).toMatchObject({ kind: 'send' });
    expect(verdict(team, { recentForTeam: 5, teamAgeMs: 5_000 })).toEqual({
      kind: 'hold',
      waitMs: 55_000,
      reason: 'ceiling',
    });
    expect(verdict({}, { recentForTeam: 5, teamAgeMs: 5_000 })).toMatchObject({ kind: 'send' });
  });

  it('a digest of many tickets is neither overtaken nor replaced by a mail about one of them', () => {
    const many = { role: 'team', recipientKey: 'bellhop:team', template: 'tickets_waiting' } as const;
    const send = { kind: 'send', template: 'tickets_waiting', at: null };
    expect(verdict(many, { notifiedVersion: 9 })).toEqual(send);
    expect(verdict(many, { outranked: { template: 'resolved', at: null } })).toEqual(send);
    expect(verdict(many, { recentForTeam: 5, hasSuccessor: true })).toMatchObject({ kind: 'hold' });
  });
});

describe('what a person has decided meanwhile', () => {
  const night = { from: '22:00', to: '07:00', days: [...WEEKDAYS] };
  const push = (d: Partial<LeasedDelivery>, s: Partial<PreSendState>) =>
    preSendCheck(
      delivery({ channel: 'push', ...d }),
      stateNow({ choice: chose({ quietHours: night }), ...s }),
      PUSH,
      new Map(),
    );

  it('holds a push that is due in quiet hours until they end, and a mail not at all', () => {
    expect(push({}, {})).toEqual({ kind: 'hold', waitMs: 8 * 3_600_000, reason: 'quiet_hours' });
    // Midnight in Warsaw.
    expect(push({ timezone: 'Europe/Warsaw' }, {})).toMatchObject({ waitMs: 7 * 3_600_000 });
    expect(push({}, { choice: chose({ quietHours: night, timeZone: 'Europe/Warsaw' }) })).toMatchObject({
      waitMs: 7 * 3_600_000,
    });
    expect(verdict({}, { choice: chose({ quietHours: night }) })).toMatchObject({ kind: 'send' });
  });

  it('lets what is urgent pass, and what is due in the daytime', () => {
    expect(push({ priority: 1 }, {})).toMatchObject({ kind: 'send' });
    expect(push({}, { now: new Date('2026-11-22T07:00:00Z') })).toMatchObject({ kind: 'send' });
  });

  it('leaves a held push to the newer one of its ticket', () => {
    expect(push({}, { hasSuccessor: true })).toEqual({ kind: 'skip', reason: 'folded' });
  });

  it('changes nothing for a code that they have asked for', () => {
    const code = { template: 'code', requestId: 'r' } as const;
    expect(verdict(code, { choice: chose({ off: new Set(['*.email']) }, true) })).toMatchObject({ kind: 'send' });
  });

  it('an entry of the feed goes there, though an agent has seen a newer one', () => {
    const entry = delivery({ role: 'assignee', channel: 'feed' });
    const state = stateNow({ isSeenInFeed: true });
    expect(preSendCheck(entry, state, { ...EMAIL, name: 'feed' }, new Map())).toMatchObject({ kind: 'send' });
  });
});
