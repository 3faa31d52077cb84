import { buildEvent } from '@bellhop/contracts/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { change, type Draft, goodEvidence, type Life, NOW } from '../../test/good-evidence.js';
import { check } from './check.js';

const names = (draft: Draft): string[] => [...new Set(check(draft).map(({ name }) => name))].sort();
const lives = fc.array(
  fc.record<Life>({
    groups: fc.array(fc.record({ replies: fc.integer({ min: 1, max: 4 }), isSeen: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('a run in which every promise held', () => {
  it('has no violation, whatever was folded and whatever was seen', () => {
    fc.assert(fc.property(lives, (all) => expect(check(goodEvidence(all))).toEqual([])));
  });

  it('may hold writes that were cut off, be they there or not', () => {
    const draft = goodEvidence();
    draft.writes.push({ id: 'cut-1', isAcknowledged: false }, { id: 'cut-2', isAcknowledged: false });
    draft.written = { ...draft.written, 'cut-2': 1 };
    expect(check(draft)).toEqual([]);
  });

  it('may hold an event that nobody hears of, and an agent’s own action', () => {
    const draft = goodEvidence([]);
    const closed = buildEvent('ticket.closed.v1');
    const agent = { kind: 'user' as const, id: 'agent-1', email: 'agent@example.com' };
    const own = buildEvent('ticket.assigned.v1', { assignee: agent, actor: { kind: 'agent', id: 'agent-1' } });
    for (const event of [closed, own]) draft.committed.push({ system: 'bellhop', event });
    const row = { system: 'bellhop', channel: 'email', deliveryId: null, decidedAt: NOW };
    draft.decisions.push({ ...row, eventId: closed.id, recipientKey: '', reason: 'nobody_hears' });
    draft.decisions.push({ ...row, eventId: own.id, recipientKey: 'bellhop:agent:agent-1', reason: 'own_action' });
    expect(check(draft)).toEqual([]);
  });
});

describe('lost', () => {
  it('is any mail that is missing at the provider', () => {
    fc.assert(
      fc.property(lives, fc.nat(), (all, pick) => {
        const draft = goodEvidence(all);
        fc.pre(draft.mails.length > 0);
        draft.mails.splice(pick % draft.mails.length, 1);
        expect(names(draft)).toEqual(['lost']);
      }),
    );
  });

  it('is any event without a decision', () => {
    fc.assert(
      fc.property(lives, fc.nat(), (all, pick) => {
        const draft = goodEvidence(all);
        draft.decisions.splice(pick % draft.decisions.length, 1);
        expect(names(draft)).toEqual(['lost']);
      }),
    );
  });

  it('is a delivery that tells of less than it was given', () => {
    const draft = goodEvidence();
    change(draft.deliveries, 0, { version: 1 });
    expect(names(draft)).toEqual(['lost']);
  });

  it('is what was skipped for a reason that nothing bears out', () => {
    for (const reason of ['seen', 'overtaken', 'requester_changed', 'address_suppressed', 'no_address', 'no_link']) {
      const draft = goodEvidence();
      change(draft.decisions, 0, { deliveryId: null, reason });
      // The delivery of the second answer covers both: what is overtaken by it is told.
      if (reason === 'overtaken' || reason === 'address_suppressed') expect(names(draft)).toEqual([]);
      else expect(names(draft)).toEqual(['lost']);
      change(draft.decisions, 1, { deliveryId: null, reason });
      draft.deliveries = [];
      draft.mails = [];
      expect(names(draft)).toEqual(['lost']);
    }
  });

  it('is what died, but not when a server that knows no keys twice gave no answer, or refused the address', () => {
    const dead = (over: Partial<Draft['deliveries'][number]>, provider: 'smtp' | 'resend'): Draft => {
      const draft = goodEvidence();
      draft.provider = provider;
      draft.mails = [];
      change(draft.deliveries, 0, { state: 'dead', reason: 'no_answer', ...over });
      change(draft.ledger, draft.ledger.length - 1, { type: 'notification.dead.v1' });
      return draft;
    };
    expect(names(dead({ unknowns: 2 }, 'smtp'))).toEqual([]);
    expect(names(dead({ unknowns: 1 }, 'smtp'))).toEqual(['lost']);
    expect(names(dead({ unknowns: 9 }, 'resend'))).toEqual(['lost']);
    expect(names(dead({ reason: 'out_of_tries' }, 'smtp'))).toEqual(['lost']);
    const refused = dead({ reason: 'address_refused' }, 'resend');
    expect(names(refused)).toEqual(['lost']);
    refused.refusedAddresses = ['u-0@example.com'];
    expect(names(refused)).toEqual([]);
  });

  it('is what was folded into a mail that is missing, went to others, or was given up for no reason', () => {
    const folded = (over: Partial<Draft['deliveries'][number]>, isSent = true): Draft => {
      const draft = goodEvidence();
      const [row] = draft.deliveries as [Draft['deliveries'][number]];
      const other = { ...row, id: 'together', ticketId: 'T-other', eventIds: [], ...over };
      draft.deliveries.push(other);
      change(draft.deliveries, 0, { state: 'skipped', reason: 'folded', foldedInto: 'together' });
      const [mail] = draft.mails as [Draft['mails'][number]];
      draft.mails = isSent ? [{ ...mail, deliveryId: 'together' }] : [];
      change(draft.ledger, draft.ledger.length - 1, { type: 'notification.skipped.v1' });
      return draft;
    };
    expect(names(folded({}))).toEqual([]);
    expect(names(folded({}, false))).toEqual(['lost']);
    expect(names(folded({ recipientKey: 'crm:user:other' }))).toEqual(['lost']);
    expect(names(folded({ state: 'dead', reason: 'out_of_tries' }, false))).toEqual(['lost']);
    expect(names(folded({ id: 'another' }, false))).toEqual(['lost']);
  });

  it('is an acknowledged write that is not there', () => {
    const draft = goodEvidence();
    draft.written = {};
    expect(names(draft)).toEqual(['lost']);
  });
});

describe('a guest', () => {
  it('who has proven a mailbox has an open ticket, or something is lost', () => {
    const draft = goodEvidence();
    draft.provenTickets = [draft.committed[0]?.event.data.ticket.id ?? ''];
    expect(names(draft)).toEqual(['lost']);
    const created = buildEvent('ticket.created.v1', { ticket: { id: 'of-a-guest' } });
    draft.provenTickets = ['of-a-guest'];
    expect(names(draft)).toEqual(['lost']);
    draft.committed = [{ system: 'bellhop', event: created }];
    expect(check({ ...draft, deliveries: [], decisions: [], mails: [] }).map(({ says }) => says)).not.toContainEqual(
      expect.stringContaining('never opened'),
    );
  });

  it('is told of a code by its mail alone: no event speaks of it', () => {
    const draft = goodEvidence();
    const [row] = draft.deliveries;
    draft.deliveries.push({ ...(row as Draft['deliveries'][number]), id: 'code', eventIds: [], version: 0 });
    expect(names(draft)).toEqual([]);
  });
});

describe('notified twice', () => {
  it('is any second mail of a delivery', () => {
    fc.assert(
      fc.property(lives, fc.nat(), (all, pick) => {
        const draft = goodEvidence(all);
        fc.pre(draft.mails.length > 0);
        const mail = draft.mails[pick % draft.mails.length] as Draft['mails'][number];
        draft.mails.push({ ...mail, key: 'another', request: 'another' });
        expect(names(draft)).toEqual(['notified_twice']);
      }),
    );
  });

  it('is over SMTP only what no lost answer explains', () => {
    const draft = goodEvidence();
    draft.provider = 'smtp';
    draft.mails.push({ ...(draft.mails[0] as Draft['mails'][number]) });
    expect(names(draft)).toEqual(['notified_twice']);
    change(draft.deliveries, 0, { unknowns: 1 });
    expect(names(draft)).toEqual([]);
    draft.mails.push({ ...(draft.mails[0] as Draft['mails'][number]) });
    expect(names(draft)).toEqual(['notified_twice']);
  });

  it('is a second request under one key, even for different people', () => {
    const two = [{ groups: [{ replies: 1, isSeen: false }] }, { groups: [{ replies: 1, isSeen: false }] }];
    const draft = goodEvidence(two);
    change(draft.mails, 1, { key: draft.mails[0]?.key ?? '' });
    expect(names(draft)).toEqual(['notified_twice']);
    change(draft.mails, 1, { request: draft.mails[0]?.request ?? '' });
    expect(names(draft)).toEqual([]);
  });

  it('is one event in two deliveries that arrived', () => {
    const draft = goodEvidence([
      {
        groups: [
          { replies: 1, isSeen: false },
          { replies: 1, isSeen: false },
        ],
      },
    ]);
    change(draft.deliveries, 1, { eventIds: draft.deliveries[0]?.eventIds ?? [] });
    expect(names(draft)).toEqual(['notified_twice']);
  });

  it('is a write that was carried out twice', () => {
    const draft = goodEvidence();
    draft.written = { 'write-1': 2 };
    expect(names(draft)).toEqual(['notified_twice']);
  });
});

describe('never committed', () => {
  it('is a mail without a delivery', () => {
    const draft = goodEvidence();
    draft.mails.push({ deliveryId: null, to: 'x@example.com' }, { deliveryId: 'none', to: 'y@example.com' });
    expect(names(draft)).toEqual(['never_committed']);
    expect(check(draft)).toHaveLength(2);
  });

  it('is a mail of an event that was rolled back, or to somebody else', () => {
    const draft = goodEvidence();
    change(draft.deliveries, 0, { eventIds: [...(draft.deliveries[0]?.eventIds ?? []), 'rolled-back'] });
    expect(names(draft)).toEqual(['never_committed']);
    const other = goodEvidence();
    other.mails.push({
      ...(other.mails[0] as Draft['mails'][number]),
      to: 'other@example.com',
      request: 'b',
      key: 'b',
    });
    change(other.deliveries, 0, { unknowns: 1 });
    other.provider = 'smtp';
    expect(names(other)).toEqual(['never_committed']);
  });
});

describe('stuck', () => {
  it('is no request that a process has left behind when it was killed, one for each time', () => {
    const left = (frozenRequests: number) => names(Object.assign(goodEvidence(), { frozenRequests, restarts: 2 }));
    expect(left(2)).toEqual([]);
    expect(left(3)).toEqual(['stuck']);
  });

  it('is everything that is under way when nothing should be', () => {
    const cases: ((draft: Draft) => void)[] = [
      ...['pending', 'leased', 'sending', 'retrying', 'unknown'].map(
        (state) => (draft: Draft) => change(draft.deliveries, 0, { state }),
      ),
      (draft) => change(draft.deliveries, 0, { isLeased: true }),
      (draft) => {
        draft.frozenRequests = 1;
      },
      (draft) => change(draft.consumers, 0, { pending: 3 }),
      (draft) => change(draft.consumers, 0, { unacknowledged: 3 }),
      (draft) => change(draft.ledger, 0, { stream: null }),
    ];
    for (const spoil of cases) {
      const draft = goodEvidence();
      spoil(draft);
      expect(names(draft)).toEqual(['stuck']);
    }
  });
});
