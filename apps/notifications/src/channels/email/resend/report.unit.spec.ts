import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readReport } from './report.js';

const deliveryId = randomUUID();
const of = (data: unknown, type = 'email.delivered') => readReport({ type, data });

describe('a report', () => {
  it('finds its delivery in tags of either form', () => {
    expect(of({ email_id: 'e-1', tags: { category: 'alert', delivery: deliveryId } })).toMatchObject({
      emailId: 'e-1',
      deliveryId,
    });
    const list = [{ name: 'category', value: 'alert' }, null, { name: 'delivery', value: deliveryId }];
    expect(of({ tags: list })).toMatchObject({ emailId: null, deliveryId });
  });

  it.each([
    ['no UUID', 'delivery-7'],
    ['a UUID and more', `${deliveryId}'--`],
    ['a number', 7],
    ['an object', { toString: 'x' }],
    ['null', null],
    ['a line behind', `${deliveryId}\n`],
  ])('takes %s in the tag for nothing', (_, delivery) => {
    expect(of({ tags: { delivery } })).toMatchObject({ deliveryId: null });
    expect(of({ tags: [{ name: 'delivery', value: delivery }] })).toMatchObject({ deliveryId: null });
  });

  it('takes a reference that could not be one for nothing', () => {
    for (const email_id of ['', 'a b', 'a\u0000', 'x'.repeat(129), 7, null, {}]) {
      expect(of({ email_id })).toMatchObject({ emailId: null });
    }
  });

  it('gives the reason of a failure as a word of the contract', () => {
    const reason = (value: unknown) => of({ failed: { reason: value } }, 'email.failed')?.reason;
    expect(reason('reached_daily_quota')).toBe('reached_daily_quota');
    for (const other of ['Reached the quota!', '', null, 7, undefined]) expect(reason(other)).toBe('failed');
    expect(of({ bounce: { type: 'Transient' } }, 'email.bounced')?.reason).toBe('transient');
    expect(of({ bounce: { type: 'No word' } }, 'email.bounced')?.reason).toBeNull();
  });

  it.each<[boolean, Record<string, unknown>]>([
    [true, { type: 'Permanent', subType: 'General', message: 'The recipient’s server sent a hard bounce.' }],
    // Advice to the sender is no reply of a mail server.
    [true, { type: 'Permanent', subType: 'General', message: 'Hard bounces harm your reputation as a sender.' }],
    [true, { type: 'Permanent', subType: 'NoEmail' }],
    [true, { type: 'Permanent', subType: 'Suppressed', message: 'The address has a history of hard bounces.' }],
    [true, { type: 'Permanent', subType: 'General', diagnosticCode: ['smtp; 550 5.1.1 user unknown'] }],
    [true, { type: 'Permanent', subType: 'General', message: '550 5.1.1 user unknown' }],
    [false, { type: 'Permanent', subType: 'General', diagnosticCode: ['smtp; 552 5.2.2 mailbox full'] }],
    [false, { type: 'Permanent', subType: 'General', diagnosticCode: 'smtp; 550 5.2.1 receiving mail at a rate …' }],
    [false, { type: 'Permanent', subType: 'General', message: '550 5.7.1 SPF check failed' }],
    [false, { type: 'Permanent', subType: 'General', diagnosticCode: '554 5.7.1 Message rejected as spam' }],
    [false, { type: 'Permanent', subType: 'General', diagnosticCode: ['smtp; 550 destinataire inconnu'] }],
    [true, { type: 'Permanent', subType: 'NoEmail', diagnosticCode: ['smtp; 550 destinataire inconnu'] }],
    [false, { type: 'Permanent', subType: 'MailboxFull' }],
    [false, { type: 'Permanent', subType: 'ContentRejected' }],
    [true, { type: 'Permanent' }],
    [false, { type: 'Transient', subType: 'General', diagnosticCode: ['smtp; 550 5.1.1 user unknown'] }],
    [false, { type: 'Undetermined', subType: 'Undetermined' }],
    [false, { type: 'permanent' }],
    [false, { subType: 'NoEmail' }],
    [false, { type: ['Permanent'] }],
  ])('S46 of a bounce is final: %j for %j', (isFinal, bounce) => {
    expect(of({ bounce }, 'email.bounced')?.isFinal).toBe(isFinal);
  });

  it.each(['email.opened', 'email.clicked', 'email.received', 'domain.updated', 'contact.created', 'constructor', ''])(
    'of type %j is none',
    (type) => {
      expect(of({ email_id: 'e-1' }, type)).toBeNull();
    },
  );

  it('never fails, whatever JSON comes', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void readReport(value)));
    const anything = fc.record({
      email_id: fc.jsonValue(),
      tags: fc.jsonValue(),
      bounce: fc.jsonValue(),
      failed: fc.jsonValue(),
    });
    const type = fc.constantFrom('email.bounced', 'email.failed', 'email.suppressed', 'email.complained');
    fc.assert(fc.property(type, anything, (kind, data) => void of(data, kind)));
  });
});
