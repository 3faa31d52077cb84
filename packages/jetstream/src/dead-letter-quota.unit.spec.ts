import { describe, expect, it } from '@jest/globals';
import { DeadLetterQuota } from './dead-letter-quota.js';

const DAY_MS = 86_400_000;

describe('S39 the quota of a system', () => {
  it('S39 keeps letters whole up to its bytes, then without body, and then none', () => {
    const quota = new DeadLetterQuota({ letters: 4, bytes: 100 });
    const took = [60, 60, 40, 1, 1].map((bytes) => quota.take('crm', bytes, 0));
    expect(took).toEqual(['whole', 'without_body', 'whole', 'without_body', 'dropped']);
  });

  it('S39 is its own: what crm has spent costs erp nothing', () => {
    const quota = new DeadLetterQuota({ letters: 1, bytes: 100 });
    expect([quota.take('crm', 1, 0), quota.take('crm', 1, 0), quota.take('erp', 1, 0)]).toEqual([
      'whole',
      'dropped',
      'whole',
    ]);
  });

  it('begins again with each day', () => {
    const quota = new DeadLetterQuota({ letters: 1, bytes: 100 });
    const took = [0, DAY_MS - 1, DAY_MS].map((at) => quota.take('crm', 1, at));
    expect(took).toEqual(['whole', 'dropped', 'whole']);
  });
});
