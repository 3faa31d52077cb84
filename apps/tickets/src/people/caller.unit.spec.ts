import { identifier } from '@bellhop/contracts';
import { describe, expect, it } from '@jest/globals';
import { callerOf } from './caller.js';

describe('a caller', () => {
  it('is who the token says', () => {
    const identity = {
      subject: 'ada-1',
      email: 'ada@example.com',
      locale: 'en-GB',
      timezone: 'Europe/London',
      roles: ['agent'],
    };
    expect(callerOf(identity)).toEqual({
      person: { kind: 'user', id: 'ada-1', email: 'ada@example.com', locale: 'en-GB', timezone: 'Europe/London' },
      viewer: { id: 'ada-1', isAgent: true },
    });
  });

  it.each([
    { email: 'a@example.com\r\nBcc: b@example.com' },
    { email: 'not an address' },
    { locale: 'de; drop table' },
    { timezone: 'Middle-earth/Shire' },
  ])('has no claim that an event cannot carry: %j', (claim) => {
    expect(callerOf({ subject: 'ada', roles: [], ...claim }).person).toEqual({ kind: 'user', id: 'ada' });
  });

  it('is no agent by another role', () => {
    expect(callerOf({ subject: 'ops', roles: ['operator', 'Agent'] }).viewer.isAgent).toBe(false);
  });

  it.each(['auth0|5f7c8ec7c33c6c004bbafe82', 'x'.repeat(255), 'ada lovelace'])(
    'keeps one id that events can carry for the subject %s',
    (subject) => {
      const { person } = callerOf({ subject, roles: [] });
      expect(identifier.safeParse(person.id).success).toBe(true);
      expect(callerOf({ subject, roles: [] }).person.id).toBe(person.id);
      expect(callerOf({ subject: `${subject}.`, roles: [] }).person.id).not.toBe(person.id);
    },
  );
});
