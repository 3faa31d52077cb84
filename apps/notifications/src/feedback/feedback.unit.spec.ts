import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readReport } from '../channels/email/resend/report.js';
import type { Report } from '../channels/report.js';
import { FEEDBACK, type Feedback, strongest } from './feedback.js';
import { changeOf } from './feedback-change.js';
import type { ReportedDelivery } from './find-deliveries.js';

const TYPES = ['email.sent', 'email.delivery_delayed', 'email.delivered', 'email.bounced', 'email.complained'];
const about = (type: string): Report => readReport({ type, data: { email_id: 'e-1' } }) as Report;
const delivery = {
  id: 'd',
  system: 'crm',
  channel: 'email',
  endpoint: 'jana@example.com',
  suppressionKey: 'jana@example.com',
  feedback: null,
} as unknown as ReportedDelivery;

/** Applies reports, split into transactions; each sees the result of the one before. */
function applied(batches: readonly (readonly string[])[]) {
  let feedback: Feedback | null = null;
  const systems: (string | null)[] = [];
  for (const batch of batches) {
    const change = changeOf({ ...delivery, feedback }, batch.map(about));
    feedback = change.feedback;
    if (change.suppression) systems.push(change.suppression.system);
  }
  // A suppression for all systems replaces those for single ones.
  return { feedback, suppressed: systems.includes(null) ? [null] : [...new Set(systems)] };
}

describe('feedback', () => {
  it('ends in the same state for any order, repetitions and number of transactions', () => {
    const batches = fc.array(fc.array(fc.constantFrom(...TYPES), { maxLength: 5 }), { maxLength: 6 });
    fc.assert(
      fc.property(batches, fc.infiniteStream(fc.nat()), (some, random) => {
        const all = some.flat();
        const sorted = [...new Set(all)].sort((a, b) => TYPES.indexOf(a) - TYPES.indexOf(b));
        const shuffled = [...all, ...all]
          .map((type) => ({ type, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ type }) => type);
        expect(applied(some)).toEqual(applied([sorted]));
        expect(applied([shuffled])).toEqual(applied([sorted]));
        expect(applied(shuffled.map((type) => [type]))).toEqual(applied([sorted]));
      }),
    );
  });

  it('is the strongest of complained, bounced, delivered and delayed, and never becomes weaker', () => {
    const order = [...FEEDBACK];
    expect(order).toEqual(['delayed', 'delivered', 'bounced', 'complained']);
    for (const known of order) {
      for (const reported of order) {
        expect(strongest(known, reported)).toBe(order.indexOf(reported) > order.indexOf(known) ? reported : known);
      }
      expect(strongest(known, null)).toBe(known);
      expect(strongest(null, known)).toBe(known);
    }
    expect(strongest(null, null)).toBeNull();
  });

  it('has the reason of the strongest report', () => {
    const of = (type: string, data: object) => readReport({ type, data: { email_id: 'e-1', ...data } }) as Report;
    const bounced = of('email.bounced', { bounce: { type: 'Permanent' } });
    const delivered = of('email.delivered', {});
    expect(changeOf(delivery, [delivered, bounced, delivered])).toMatchObject({ reason: 'permanent', isNews: true });
    expect(changeOf({ ...delivery, feedback: 'bounced' }, [bounced])).toMatchObject({ reason: null, isNews: false });
  });
});

describe('what suppresses an address', () => {
  const suppression = (type: string, data: object) =>
    changeOf(delivery, [readReport({ type, data: { email_id: 'e-1', ...data } }) as Report]).suppression;
  const reason = (type: string, data: object) => suppression(type, data)?.reason;

  it('is a permanent bounce, what the provider suppresses itself, and every complaint', () => {
    const message = 'jana@example.com: no mailbox "jana" here\u0000';
    expect(reason('email.bounced', { bounce: { type: 'Permanent', subType: 'General', message } })).toMatch(
      /^bounced: Permanent General /,
    );
    expect(reason('email.bounced', { bounce: { type: 'Permanent', message } })).not.toMatch(/jana|\p{Cc}/u);
    expect(reason('email.bounced', { bounce: { type: 'Permanent' } })).toBe('bounced: Permanent');
    expect(reason('email.suppressed', { suppressed: { message: 'On the list' } })).toBe('bounced: On the list');
    expect(reason('email.suppressed', {})).toBe('bounced');
    expect(reason('email.complained', {})).toBe('complained');
  });

  it.each([
    ['email.bounced', { bounce: { type: 'Permanent', subType: 'NoEmail' } }, null],
    ['email.suppressed', {}, null],
    ['email.complained', {}, 'crm'],
  ])('S40 %s suppresses it for the mails of %j', (type, data, system) => {
    expect(suppression(type, data)).toMatchObject({
      deliveryId: 'd',
      channel: 'email',
      key: 'jana@example.com',
      system,
    });
  });

  it.each([
    ['email.bounced', { bounce: { type: 'Transient', message: 'full' } }],
    ['email.bounced', { bounce: { type: 'Undetermined' } }],
    ['email.bounced', { bounce: { type: 'permanent' } }],
    ['email.bounced', {}],
    ['email.failed', { failed: { reason: 'reached_daily_quota' } }],
    ['email.delivery_delayed', {}],
    ['email.delivered', {}],
    ['email.sent', {}],
  ])('is not %s %j', (type, data) => {
    expect(suppression(type, data)).toBeNull();
  });
});
