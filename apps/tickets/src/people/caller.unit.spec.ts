import { describe, expect, it } from '@jest/globals';
import { callerOf, guestCallerOf } from './caller.js';

describe('a caller', () => {
  it('is the person that the token names', () => {
    const identity = {
      subject: 'ada-1',
      email: 'ada@example.com',
      locale: 'en-GB',
      timezone: 'Europe/London',
      roles: ['agent'],
    };
    expect(callerOf(identity)).toEqual({
      person: { kind: 'user', id: 'ada-1', email: 'ada@example.com', locale: 'en-GB', timezone: 'Europe/London' },
      viewer: { kind: 'user', id: 'ada-1', isAgent: true },
    });
  });

  it.each([
    { email: 'a@example.com\r\nBcc: b@example.com' },
    { email: 'not an address' },
    { locale: 'drop table' },
    { timezone: 'Middle-earth/Shire' },
  ])('has no claim that an event cannot carry: %j', (claim) => {
    expect(callerOf({ subject: 'ada', roles: [], ...claim }).person).toEqual({ kind: 'user', id: 'ada' });
  });

  it.each([
    [{ locale: 'pl_PL' }, { locale: 'pl-PL' }],
    [{ locale: 'de; drop table' }, { locale: 'de' }],
    [{ timezone: 'Central European Standard Time' }, { timezone: 'Europe/Warsaw' }],
  ])('has a claim that providers spell in their own way: %j', (claim, read) => {
    expect(callerOf({ subject: 'ada', roles: [], ...claim }).person).toEqual({ kind: 'user', id: 'ada', ...read });
  });

  it('has an address that is withdrawn, which is not the same as none', () => {
    expect(callerOf({ subject: 'ada', roles: [], email: null }).person).toEqual({
      kind: 'user',
      id: 'ada',
      email: null,
    });
  });

  it('is no agent by another role', () => {
    expect(callerOf({ subject: 'ops', roles: ['operator', 'Agent'] }).viewer.isAgent).toBe(false);
  });

  it('is written to in the ASCII form of an international domain', () => {
    expect(callerOf({ subject: 'ada', roles: [], email: 'ada@münchen.example' }).person.email).toBe(
      'ada@xn--mnchen-3ya.example',
    );
  });

  it('by a guest’s session is its address, however that is spelled, and the tickets that it has opened', () => {
    const session = { email: 'Jana@EXAMPLE.com', ticketIds: ['t-1'], expiresAt: '2026-11-22T10:00:00Z' };
    expect(guestCallerOf(session)).toEqual({
      person: { kind: 'guest', email: 'jana@example.com' },
      viewer: { kind: 'guest', email: 'jana@example.com', ticketIds: ['t-1'] },
    });
  });
});
