import { DELIVERY_STATES } from '@bellhop/contracts/http';
import { describe, expect, it } from '@jest/globals';
import { outcomeOf, type Standing } from './sent-outcome.js';

const mail = (standing: Partial<Standing>) =>
  outcomeOf({ channel: 'email', state: 'accepted', reason: null, feedback: null, ...standing });

describe('what became of a delivery', () => {
  it.each<[Partial<Standing>, string, string | null]>([
    [{}, 'sent', null],
    [{ feedback: 'delayed' }, 'sent', null],
    [{ feedback: 'delivered' }, 'delivered', null],
    [{ feedback: 'complained' }, 'delivered', null],
    [{ feedback: 'bounced' }, 'bounced', null],
    [{ channel: 'feed' }, 'delivered', null],
    [{ channel: 'push' }, 'sent', null],
    [{ state: 'pending' }, 'waiting', null],
    [{ state: 'leased' }, 'waiting', null],
    [{ state: 'sending' }, 'waiting', null],
    [{ state: 'retrying', reason: 'connection_failed' }, 'waiting', null],
    [{ state: 'unknown', reason: 'no_answer' }, 'waiting', null],
    [{ state: 'dead', reason: 'no_answer' }, 'unknown', null],
    [{ state: 'dead', reason: 'address_refused' }, 'not_sent', 'address_refused'],
    [{ state: 'dead', reason: 'out_of_tries' }, 'not_sent', 'out_of_tries'],
    [{ state: 'skipped', reason: 'seen' }, 'not_sent', 'seen'],
    // A webhook may overtake the answer: it was taken all the same.
    [{ state: 'unknown', reason: 'no_answer', feedback: 'delivered' }, 'delivered', null],
  ])('%j is %s (%s)', (standing, outcome, reason) => {
    expect(mail(standing)).toEqual({ outcome, reason });
  });

  it('has a word for every state', () => {
    for (const state of DELIVERY_STATES) expect(mail({ state }).outcome).toEqual(expect.any(String));
  });
});
