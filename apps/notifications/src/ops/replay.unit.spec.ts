import { describe, expect, it } from '@jest/globals';
import { type ReplayFacts, replayOf } from './replay.js';

const facts = (some: Partial<ReplayFacts>): ReplayFacts => ({
  id: '0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11',
  channel: 'email',
  state: 'dead',
  reason: null,
  unknowns: 0,
  keeps: false,
  hasFrozenRequest: false,
  isWiped: false,
  ...some,
});
const kept = { keeps: true, hasFrozenRequest: true } as const;

/** What it was · whether the provider recognises keys · the key it is sent under · whether the person may get two mails. */
const CASES: [string, Partial<ReplayFacts>, boolean, 'same' | 'new', boolean][] = [
  ['was refused', { reason: 'address_refused' }, true, 'new', false],
  ['is out of tries', { reason: 'out_of_tries' }, false, 'new', false],
  ['never had an answer', { reason: 'no_answer', unknowns: 2 }, true, 'new', true],
  ['never had an answer, as an older version noted it', { reason: 'no_answer: ETIMEDOUT' }, false, 'new', true],
  ['was skipped', { state: 'skipped', reason: 'seen' }, false, 'new', false],
  ['was skipped after one without an answer', { state: 'skipped', reason: 'seen', unknowns: 1 }, false, 'new', true],
  ['waits for its first try', { state: 'retrying', keeps: true }, true, 'new', false],
  ['failed for certain', { state: 'retrying', ...kept }, true, 'same', false],
  ['has no answer yet', { state: 'unknown', unknowns: 1, ...kept }, true, 'same', false],
  ['has no answer yet over SMTP', { state: 'unknown', unknowns: 1, ...kept }, false, 'same', true],
  ['failed after one without an answer', { state: 'retrying', unknowns: 1, ...kept }, true, 'same', false],
  ['failed after one without an answer over SMTP', { state: 'retrying', unknowns: 1, ...kept }, false, 'same', true],
  [
    'failed after one without an answer, and its request is no longer stored',
    { state: 'retrying', unknowns: 1 },
    true,
    'new',
    true,
  ],
  ['has no answer, and its key is too old', { state: 'unknown', unknowns: 1 }, true, 'new', true],
  ['was accepted', { state: 'accepted' }, true, 'new', true],
];

describe('a replay of what', () => {
  it.each(CASES)('%s', (_, some, isIdempotent, key, mayDuplicate) => {
    const view = replayOf(facts(some), isIdempotent);
    expect([view.key, view.mayDuplicate]).toEqual([key, mayDuplicate]);
    expect(view.why).toMatch(/^[A-Z].*\.$/);
  });

  it('will be skipped says so', () => {
    expect(replayOf(facts({}), true, { kind: 'skip', reason: 'seen' }).refusal).toBe('seen');
    expect(replayOf(facts({}), true, { kind: 'hold', waitMs: 1, reason: 'ceiling' }).refusal).toBeNull();
    expect(replayOf(facts({}), true).refusal).toBeNull();
  });
});
