import { describe, expect, it } from '@jest/globals';
import { ALERTS } from './alerts.js';
import { type Digest, mergeDigests } from './digest.js';

const START = Date.parse('2026-11-22T10:00:00Z');
/** The rank of each template. */
const RANKS = new Map<string, Digest['rank']>(
  Object.values(ALERTS).flatMap((rule) => (rule === 'nobody' ? [] : [[rule.template, rule.rank] as const])),
);
const QUIET_MS = 120_000;
const MAX_WAIT_MS = 600_000;

const at = (seconds: number) => new Date(START + seconds * 1000);

function alert(version: number, arrivedSeconds: number, over: Partial<Digest> = {}): Digest {
  const isImmediate = over.template === 'resolved' || over.template === 'created';
  return {
    channel: 'email',
    endpoint: 'u@example.com',
    rank: RANKS.get(over.template ?? 'replied') ?? 1,
    at: undefined,
    ticketUrl: undefined,
    system: 'crm',
    ticketId: 'T-1',
    ticketNumber: 'N1',
    version,
    recipient: { key: 'crm:user:u', role: 'requester', kind: 'user', id: 'u', email: 'u@example.com' },
    template: 'replied',
    templateVersion: version,
    replies: (over.template ?? 'replied') === 'replied' ? 1 : 0,
    eventIds: [`e${version}`],
    priority: 2,
    isImmediate,
    firstAt: at(arrivedSeconds),
    dueAt: isImmediate ? at(arrivedSeconds) : new Date(at(arrivedSeconds).getTime() + QUIET_MS),
    latestAt: new Date(at(arrivedSeconds).getTime() + MAX_WAIT_MS),
    ...over,
  };
}

const merged = (pending: Digest, next: Digest, answered = 0) => {
  const result = mergeDigests(pending, next, answered);
  if (!result) throw new Error('overtaken');
  return result;
};

describe('what a digest says', () => {
  it('the newest of two facts of equal rank, with all replies counted and all events kept', () => {
    const result = merged(alert(2, 0), alert(3, 10));
    expect(result).toMatchObject({ template: 'replied', version: 3, replies: 2, eventIds: ['e2', 'e3'] });
  });

  it.each([
    ['resolved', 'replied', 'resolved'],
    ['replied', 'resolved', 'resolved'],
    ['information_requested', 'replied', 'information_requested'],
    ['information_requested', 'resolved', 'resolved'],
    ['resolved', 'information_requested', 'resolved'],
    ['created', 'replied', 'replied'],
    ['replied', 'promise_missed', 'promise_missed'],
  ] as const)('%s, then %s: %s', (first, second, expected) => {
    expect(merged(alert(2, 0, { template: first }), alert(3, 1, { template: second })).template).toBe(expected);
  });

  it('a question, until it is answered', () => {
    const question = alert(2, 0, { template: 'information_requested', at: '2026-11-25T00:00:00Z' });
    expect(merged(question, alert(4, 1), 1)).toMatchObject({ template: 'information_requested', at: question.at });
    const answered = merged(question, alert(4, 1), 3);
    expect(answered.template).toBe('replied');
    expect(answered.at).toBeUndefined();
  });

  it('nothing of an older fact', () => {
    expect(mergeDigests(alert(5, 0), alert(4, 1), 0)).toBeNull();
  });
});

describe('when a digest is due', () => {
  it('its window begins again with each arrival', () => {
    expect(merged(alert(2, 0), alert(3, 60)).dueAt).toEqual(at(180));
  });

  it('its first alert waits no longer than the maximum', () => {
    let pending = alert(2, 0);
    for (let index = 1; index <= 20; index += 1) pending = merged(pending, alert(2 + index, index * 100));
    expect(pending.dueAt).toEqual(at(600));
  });

  it('an immediate alert makes the pending digest due now', () => {
    expect(merged(alert(2, 0), alert(3, 10, { template: 'resolved' })).dueAt).toEqual(at(10));
  });

  it('a later alert does not delay an immediate one', () => {
    expect(merged(alert(2, 0, { template: 'resolved' }), alert(3, 10)).dueAt).toEqual(at(0));
  });
});
