import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../channels/channel.js';
import { ProviderTrouble } from './provider-trouble.js';

const relay: Outcome = { kind: 'not_sent', cause: 'setup_refused: 554 Relay access denied', isOurs: true };
const quota: Outcome = { kind: 'throttled', reason: 'quota_exceeded: 429', isForAll: true, isOurs: true };

describe('trouble that an operator has to fix', () => {
  it('is logged at the first mail that fails for it, each kind by itself', () => {
    const trouble = new ProviderTrouble();
    expect(trouble.news([relay, relay, { kind: 'accepted', ref: 'ok' }], 0)).toEqual([
      'setup_refused: 554 Relay access denied',
    ]);
    expect(trouble.news([quota, relay], 1)).toEqual(['quota_exceeded: 429']);
  });

  it('is logged again only after ten minutes, while mails still fail for it', () => {
    const trouble = new ProviderTrouble();
    trouble.news([relay], 0);
    expect(trouble.news([relay], 599_999)).toEqual([]);
    expect(trouble.news([relay], 600_000)).toHaveLength(1);
    expect(trouble.news([relay], 600_001)).toEqual([]);
  });

  it('is no other outcome', () => {
    const others: Outcome[] = [
      { kind: 'not_sent', cause: 'mailbox_full' },
      { kind: 'throttled', reason: 'throttled' },
      { kind: 'refused', reason: 'message_refused', suppress: false },
      { kind: 'unknown', cause: 'no_answer' },
    ];
    expect(new ProviderTrouble().news(others, 0)).toEqual([]);
  });
});
