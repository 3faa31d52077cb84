import { buildEvent } from '@bellhop/contracts/testing';
import { describe, expect, it } from '@jest/globals';
import { alsoOver, change, type Draft, goodEvidence, NOW } from '../../test/good-evidence.js';
import { check } from './check.js';
import type { DeliveryRow, DeviceRecord, Page, TakenPush } from './evidence.js';

const names = (draft: Draft): string[] => [...new Set(check(draft).map(({ name }) => name))].sort();
const decided = (draft: Draft, channel: string, over: object) =>
  Object.assign(draft, {
    decisions: draft.decisions.map((row) => (row.channel === channel ? { ...row, ...over } : row)),
  });
const see = (draft: Draft, at: number) => {
  const [{ event } = {}] = draft.committed;
  const seen = buildEvent('ticket.seen.v1', event?.data as never, { id: 'seen' });
  draft.committed.push({ system: 'bellhop', event: { ...seen, data: { ...seen.data, ticket: ticketOf(draft) } } });
  const row = { system: 'bellhop', eventId: 'seen', recipientKey: '', channel: '', deliveryId: null };
  draft.decisions.push({ ...row, reason: 'nobody_hears', decidedAt: at });
  return draft;
};
const ticketOf = ({ committed }: Draft) => {
  const { ticket } = (committed.at(-1) as Draft['committed'][number]).event.data;
  return { ...ticket, version: 2 };
};

describe('a feed', () => {
  const entry = { deliveryId: 'over-feed', to: 'u-0', isSeen: false };
  const feed = (over: Partial<DeliveryRow> = {}, entries = [entry]) =>
    Object.assign(alsoOver('feed', over), { entries });

  it('has one entry for each delivery that is recorded as accepted', () => {
    expect(names(feed())).toEqual([]);
    expect(names(feed({}, []))).toEqual(['lost']);
    expect(names(feed({}, [entry, entry]))).toEqual(['notified_twice']);
  });

  it('has no excuse for two attempts without an answer, which a mail over SMTP has', () => {
    const dead = feed({ state: 'dead', reason: 'no_answer', unknowns: 2 }, []);
    expect(names(Object.assign(dead, { provider: 'smtp' as const }))).toEqual(['lost']);
  });

  it('has no entry of a delivery that does not exist, and none in the feed of another', () => {
    expect(names(feed({}, [entry, { ...entry, deliveryId: 'none' }]))).toEqual(['never_committed']);
    expect(names(feed({}, [{ ...entry, to: 'u-1' }]))).toEqual(['lost', 'never_committed']);
  });

  it('needs a decision of its own, and nobody with an account is left out', () => {
    expect(names(decided(feed(), 'feed', { channel: 'push' }))).toEqual(['lost']);
    expect(names(decided(feed(), 'feed', { deliveryId: null, reason: 'no_endpoint' }))).toEqual(['lost']);
  });

  it('counts as seen what was seen on the page of a ticket', () => {
    expect(names(see(feed(), NOW))).toEqual(['stale_page']);
    expect(names(see(feed({}, [{ ...entry, isSeen: true }]), NOW))).toEqual([]);
    expect(names(see(feed({ role: 'assignee', recipientKey: 'bellhop:agent:u-0' }), NOW))).not.toContain('stale_page');
  });

  it('is shown as it stands, and no page goes back', () => {
    const shown = (over: Partial<Page>) => {
      const page = { person: 'u-0', told: { unread: 1, rev: 7 }, stands: { unread: 1, rev: 7 }, hasGoneBack: false };
      return names(Object.assign(feed(), { pages: [{ ...page, ...over }] }));
    };
    expect(shown({})).toEqual([]);
    for (const over of [
      { told: { unread: 0, rev: 7 } },
      { told: { unread: 1, rev: 6 } },
      { told: null },
      { hasGoneBack: true },
    ])
      expect(shown(over)).toEqual(['stale_page']);
  });
});

describe('a device', () => {
  const DEVICE: DeviceRecord = {
    person: 'u-0',
    endpoint: 'phone',
    isRegistered: true,
    endedFrom: null,
    endedBy: null,
    state: 'active',
  };
  const PUSH: TakenPush = {
    endpoint: 'phone',
    at: NOW,
    topic: 'a',
    content: { deliveryId: 'over-push', ticketId: 'ticket-0', tag: 'a' },
  };
  const pushed = (pushes: TakenPush[], over: Partial<DeliveryRow> = {}, devices: Partial<DeviceRecord>[] = [{}]) =>
    Object.assign(alsoOver('push', over), {
      pushes,
      devices: devices.map((one) => ({ ...DEVICE, ...one })),
      slackMs: 0,
    });
  const withContent = (over: object) => ({ ...PUSH, content: { ...PUSH.content, ...over } as TakenPush['content'] });

  it('gets each delivery that is recorded as accepted, and one of several devices is enough', () => {
    expect(names(pushed([PUSH]))).toEqual([]);
    expect(names(pushed([PUSH], {}, [{}, { endpoint: 'tablet' }]))).toEqual([]);
    expect(names(pushed([]))).toEqual(['lost']);
  });

  it('gets a push once, unless an attempt had no answer', () => {
    expect(names(pushed([PUSH, PUSH]))).toEqual(['notified_twice']);
    expect(names(pushed([PUSH, PUSH], { unknowns: 1 }))).toEqual([]);
    expect(names(pushed([PUSH, PUSH, PUSH], { unknowns: 1 }))).toEqual(['notified_twice']);
    const tablet = { ...PUSH, endpoint: 'tablet' };
    expect(names(pushed([PUSH, tablet], {}, [{}, { endpoint: 'tablet' }]))).toEqual([]);
  });

  it('replaces what is repeated: one topic for a ticket, which is its tag, and for no other ticket', () => {
    const other = { ...withContent({ tag: 'b' }), topic: 'b' };
    expect(names(pushed([PUSH, other], { unknowns: 1 }))).toEqual(['notified_twice']);
    expect(names(pushed([withContent({ tag: 'b' })]))).toEqual(['misdirected']);
    const second = pushed([PUSH, withContent({ deliveryId: 'second', ticketId: 'another' })]);
    const [row] = second.deliveries.filter(({ channel }) => channel === 'push') as [DeliveryRow];
    second.deliveries.push({ ...row, id: 'second', ticketId: 'another', eventIds: [] });
    expect(names(second)).toContain('notified_twice');
  });

  it('gets nothing of another person, of a guest, of nobody, or of another channel', () => {
    const strange = [
      pushed([PUSH, { ...PUSH, endpoint: 'hers' }], {}, [{}, { endpoint: 'hers', person: 'u-1' }]),
      pushed([PUSH], { recipientKey: 'bellhop:guest:u-0' }),
      pushed([PUSH], { recipientKey: 'crm:user:u-0' }),
      pushed([PUSH, { ...PUSH, endpoint: 'unheard of' }]),
      pushed([PUSH, withContent({ deliveryId: 'delivery-0' })]),
      pushed([PUSH, withContent({ deliveryId: 'none' })]),
      pushed([PUSH, { ...PUSH, content: null }]),
      pushed([withContent({ ticketId: 'ticket-1' })]),
    ];
    for (const draft of strange) expect(names(draft)).toContain('misdirected');
  });

  it('gets nothing of an attempt that began after it was ended', () => {
    const phone = { endedFrom: NOW - 2, endedBy: NOW - 1, state: 'ended' };
    expect(names(pushed([PUSH], {}, [phone]))).toEqual(['misdirected']);
    expect(names(pushed([PUSH], {}, [{ ...phone, endedBy: NOW }]))).toEqual([]);
    expect(names(pushed([PUSH], {}, [{ ...phone, endedBy: null }]))).toEqual([]);
    // Which attempt a push is of is not known: the first may have begun in time.
    expect(names(pushed([PUSH], { tries: 2, firstAt: NOW - 5 }, [phone]))).toEqual([]);
  });

  it('is ended by its person or its push service, and by nothing else', () => {
    for (const state of ['gone', 'stale_key', 'ended', null])
      expect(names(pushed([PUSH], {}, [{ state }]))).toEqual(['misdirected']);
    expect(names(pushed([PUSH], {}, [{ state: 'gone', endedFrom: NOW }]))).toEqual([]);
    expect(names(pushed([PUSH], {}, [{}, { endpoint: 'never', isRegistered: false, state: null }]))).toEqual([]);
  });

  it('rightly misses what a newer push has overtaken, if that one found none any more', () => {
    const overtaken = (device: Partial<DeviceRecord>, newer: Partial<DeliveryRow> = { reason: 'no_device' }) => {
      const draft = pushed([], { state: 'skipped', reason: 'overtaken', settledAt: NOW }, [device]);
      const [row] = draft.deliveries.filter(({ channel }) => channel === 'push') as [DeliveryRow];
      draft.deliveries.push({ ...row, id: 'newer', version: row.version + 1, eventIds: [], ...newer });
      return names(draft);
    };
    const ended = { endedFrom: NOW - 2, endedBy: NOW - 1, state: 'ended' };
    expect(overtaken(ended)).not.toContain('lost');
    // Its first attempt had no answer.
    const unanswered = { state: 'dead', reason: 'no_answer', unknowns: 1 };
    expect(overtaken(ended, unanswered)).not.toContain('lost');
    expect(overtaken({}, unanswered)).toContain('lost');
    expect(overtaken({})).toContain('lost');
  });

  it('is missed only by who has none', () => {
    const none = (devices: Partial<DeviceRecord>[]) =>
      names(
        decided(pushed([], { state: 'skipped', reason: 'no_device' }, devices), 'push', {
          deliveryId: null,
          reason: 'no_device',
        }),
      );
    const gone = { endedFrom: NOW, state: 'gone' };
    expect(none([])).toEqual([]);
    expect(none([gone])).toEqual([]);
    expect(none([{ ...gone, endedFrom: NOW + 1 }])).toEqual(['lost']);
    expect(none([gone, { endpoint: 'tablet' }])).toEqual(['lost']);
  });

  it('is missed by a delivery that was skipped or given up because the last one had gone', () => {
    const gone = { endedFrom: NOW, state: 'gone' };
    for (const over of [
      { state: 'skipped', reason: 'no_device' },
      { state: 'dead', reason: 'no_answer', unknowns: 1 },
    ]) {
      expect(names(pushed([], over, [gone]))).toEqual([]);
      expect(names(pushed([], over))).toEqual(['lost']);
    }
    expect(names(pushed([], { state: 'dead', reason: 'no_answer' }, [gone]))).toEqual(['lost']);
    expect(names(pushed([], { state: 'skipped', reason: 'expired' }, [gone]))).toEqual(['lost']);
  });

  it('has what is recorded of it', () => {
    const recorded = (state: string, pushes: TakenPush[], device: Partial<DeviceRecord> = {}) => {
      const pushAttempts = [{ deliveryId: 'over-push', endpoint: 'phone', state }];
      return names(Object.assign(pushed(pushes, {}, [device]), { pushAttempts }));
    };
    expect(recorded('accepted', [PUSH])).toEqual([]);
    expect(recorded('accepted', [])).toEqual(['lost', 'misrecorded']);
    expect(recorded('gone', [PUSH])).toEqual(['misrecorded']);
    expect(recorded('gone', [PUSH], { endedFrom: NOW, state: 'gone' })).toEqual([]);
    expect(recorded('unknown', [PUSH])).toEqual([]);
  });

  it('of a stranger is never connected to', () => {
    expect(names(Object.assign(pushed([PUSH]), { strangersVisits: 1 }))).toEqual(['misdirected']);
  });
});

describe('told of what was seen', () => {
  it('is whoever gets a delivery whose attempt began long after that, over any channel', () => {
    const draft = see(goodEvidence(), NOW - 1);
    expect(names(draft)).toEqual([]);
    draft.slackMs = 0;
    expect(names(draft)).toEqual(['told_of_seen']);
    change(draft.deliveries, 0, { unknowns: 1 });
    expect(names(draft)).toEqual([]);
    const before = Object.assign(see(goodEvidence(), NOW), { slackMs: 0 });
    expect(names(before)).toEqual([]);
  });
});
