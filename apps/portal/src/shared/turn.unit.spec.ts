import { describe, expect, it } from '@jest/globals';
import { type Turned, turnOf } from './turn.js';

const now = new Date('2026-12-01T12:00:00Z');
const ahead = '2026-12-01T14:00:00Z';
const passed = '2026-12-01T11:00:00Z';

describe('P5 whose turn it is', () => {
  it.each([
    ['unverified', null, 'yours', 'turn.prove', null],
    ['unverified', ahead, 'yours', 'turn.prove', null],
    ['waiting', null, 'yours', 'turn.yours', null],
    ['waiting', ahead, 'yours', 'turn.yoursBy', ahead],
    ['waiting', passed, 'yours', 'turn.yoursLate', passed],
    ['open', null, 'ours', 'turn.ours', null],
    ['open', ahead, 'ours', 'turn.oursBy', ahead],
    ['open', passed, 'ours', 'turn.oursLate', passed],
    ['resolved', ahead, 'solved', 'turn.solved', null],
    ['closed', ahead, 'closed', 'turn.closed', null],
  ] as const)('%s, by %s: %s', (status, at, side, sentence, by) => {
    const promise = at === null ? null : { kind: 'next_answer' as const, at };
    expect(turnOf({ status, promise }, now)).toEqual({ side, sentence, label: `label.${side}`, by });
  });

  it('prefers the time that was asked for to the one that was promised', () => {
    const ticket: Turned = { status: 'waiting', promise: { kind: 'solution', at: passed }, answerBy: ahead };
    expect(turnOf(ticket, now).by).toBe(ahead);
  });
});
