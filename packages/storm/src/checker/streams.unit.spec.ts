import { describe, expect, it } from '@jest/globals';
import { change, type Draft, goodEvidence } from '../../test/good-evidence.js';
import { check } from './check.js';
import type { StreamMessage } from './evidence.js';

const names = (draft: Draft): string[] => [...new Set(check(draft).map(({ name }) => name))].sort();

describe('streams', () => {
  const messages = (draft: Draft, stream: 'TICKETS' | 'NOTIFICATIONS' | 'DEAD_LETTERS'): StreamMessage[] =>
    draft.streams[stream] as StreamMessage[];

  it('hold each of our events once, and may hold those of others twice', () => {
    for (const stream of ['TICKETS', 'NOTIFICATIONS'] as const) {
      const draft = goodEvidence();
      messages(draft, stream).push({ ...(messages(draft, stream)[0] as StreamMessage), sequence: 99 });
      expect(names(draft)).toEqual(['stream_duplicate']);
    }
    const draft = goodEvidence();
    const twice = [1, 2].map((sequence) => ({ sequence, subject: 'inbound.crm.tickets.v1.replied', eventId: 'e' }));
    draft.streams = { ...draft.streams, INBOUND: twice };
    expect(names(draft)).toEqual([]);
  });

  it('hold all that the ledger calls published', () => {
    for (const stream of ['TICKETS', 'NOTIFICATIONS'] as const) {
      const draft = goodEvidence();
      messages(draft, stream).pop();
      expect(names(draft)).toEqual(['stream_loss']);
    }
  });

  it('hold one event about the end of each delivery; two, where a late answer corrected the first', () => {
    const draft = goodEvidence();
    const last = draft.ledger.pop() as Draft['ledger'][number];
    expect(names(draft)).toEqual(['outcome_unpublished']);
    draft.ledger.push({ ...last, type: 'notification.dead.v1' });
    expect(names(draft)).toEqual(['outcome_unpublished']);
    draft.ledger.push(last);
    expect(names(draft)).toEqual([]);
    draft.ledger.push(last);
    expect(names(draft)).toEqual(['outcome_unpublished']);
  });

  it('hold dead letters only of what was meant to become one', () => {
    const draft = goodEvidence();
    messages(draft, 'DEAD_LETTERS').push({ sequence: 1, subject: 'dead_letters.notifications.x', eventId: 'bad' });
    expect(names(draft)).toEqual(['dead_lettered']);
    draft.expectedDeadLetters = ['bad'];
    expect(names(draft)).toEqual([]);
  });
});

describe('feedback', () => {
  it('is a report of a webhook that the delivery does not have; a worse one stays', () => {
    const draft = goodEvidence();
    const id = draft.deliveries[0]?.id ?? '';
    draft.feedback = [{ deliveryId: id, state: 'delivered', isTaken: true }];
    expect(names(draft)).toEqual(['feedback']);
    for (const known of ['delivered', 'complained']) {
      change(draft.deliveries, 0, { feedback: known });
      expect(names(draft)).toEqual([]);
    }
    draft.feedback = [{ deliveryId: id, state: 'bounced', isTaken: true }];
    expect(names(draft)).toEqual(['feedback']);
    draft.feedback = [{ deliveryId: id, state: 'delivered', isTaken: false }];
    expect(names(draft)).toEqual(['feedback']);
  });
});
