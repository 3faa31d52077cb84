import { describe, expect, it } from '@jest/globals';
import { deadLetterSubject } from '../streams/dead-letters.js';
import { inboundSubjectOf, parseSubject, publisherOf, subjectOf } from './subjects.js';

describe('subjects', () => {
  it('maps a type to our own subject', () => {
    expect(subjectOf('ticket.information_requested.v1')).toBe('tickets.v1.information_requested');
    expect(subjectOf('guest.address_proven.v1')).toBe('guests.v1.address_proven');
  });

  it('knows who published by the subject', () => {
    expect(parseSubject(inboundSubjectOf('crm', 'ticket.replied.v1'))).toEqual({
      system: 'crm',
      type: 'ticket.replied.v1',
    });
    expect(parseSubject('tickets.v1.replied')).toEqual({ system: 'bellhop', type: 'ticket.replied.v1' });
  });

  it.each([
    'inbound.bellhop.tickets.v1.replied',
    'inbound.CRM.tickets.v1.replied',
    'inbound.crm.tickets.v1.nonsense',
    'tickets.v1.replied.more',
    'inbound.crm',
    'x',
    'tickets.v1.constructor',
  ])('S35 refuses %s', (subject) => {
    expect(parseSubject(subject)).toBeNull();
  });

  it.each([
    ['tickets.v1.replied', 'bellhop'],
    ['inbound.crm.tickets.v1.replied', 'crm'],
    ['inbound.crm.nonsense', 'crm'],
    ['inbound.crm', 'crm'],
    ['inbound.bellhop.tickets.v1.replied', 'unknown'],
    ['inbound.CRM.tickets.v1.replied', 'unknown'],
    ['inbound', 'unknown'],
  ])('S39 says of %s that it is of %s', (subject, system) => {
    expect(publisherOf(subject)).toBe(system);
    expect(deadLetterSubject('notifications', system, 'too_large')).toBe(
      `dead_letters.notifications.${system}.too_large`,
    );
  });
});
