import { identifier } from '@bellhop/contracts/persons';
import { describe, expect, it } from '@jest/globals';
import { InvalidSubjectError, identityOf } from './identity.js';

describe('an identity', () => {
  it('is what the token says', () => {
    const claims = {
      sub: 'ada-1',
      email: 'ada@example.com',
      email_verified: true,
      locale: 'en-GB',
      zoneinfo: 'Europe/London',
      roles: ['agent', 7],
    };
    expect(identityOf(claims)).toEqual({
      subject: 'ada-1',
      email: 'ada@example.com',
      locale: 'en-GB',
      timezone: 'Europe/London',
      roles: ['agent'],
    });
  });

  it('leaves language and time zone to whoever reads them, whatever they are', () => {
    expect(identityOf({ sub: 'ada', locale: 7, zoneinfo: ['Europe/Berlin'] })).toEqual({
      ...{ subject: 'ada', locale: 7, timezone: ['Europe/Berlin'], roles: [] },
    });
    expect(identityOf({ sub: 'ada', locale: null, zoneinfo: undefined })).toEqual({ subject: 'ada', roles: [] });
  });

  it.each([
    [undefined, undefined],
    [true, 'ada@example.com'],
    ['true', 'ada@example.com'],
    [false, null],
    ['false', null],
    [null, undefined],
    [0, undefined],
    [1, undefined],
    ['no', undefined],
    ['', undefined],
  ])('whose address is called verified with %j has the address %j', (email_verified, email) => {
    expect(identityOf({ sub: 'ada', email: 'ada@example.com', email_verified }).email).toBe(email);
  });

  it('has an address of which nothing is said only where that is trusted', () => {
    const claims = { sub: 'ada', email: 'ada@example.com' };
    expect(identityOf(claims, true).email).toBe('ada@example.com');
    expect(identityOf({ ...claims, email_verified: null }, true).email).toBe('ada@example.com');
    expect(identityOf({ ...claims, email_verified: false }, true).email).toBeNull();
    expect(identityOf({ ...claims, email_verified: 'no' }, true).email).toBeUndefined();
  });

  it('says nothing of an address that the token does not name', () => {
    expect(identityOf({ sub: 'ada' })).toEqual({ subject: 'ada', roles: [] });
    expect(identityOf({ sub: 'ada', email: ['ada@example.com'] })).toEqual({ subject: 'ada', roles: [] });
  });

  it.each([undefined, null, '', 0, true, ['ada'], { id: 'ada' }, 'x'.repeat(256)])(
    'is nobody with the subject %j',
    (sub) => {
      expect(() => identityOf({ sub })).toThrow(InvalidSubjectError);
    },
  );

  it('is not somebody else because the subject looks like a hash of ours', () => {
    const { subject } = identityOf({ sub: 'auth0|ada' });
    expect(subject).toMatch(/^sha256:/);
    expect(identityOf({ sub: subject }).subject).not.toBe(subject);
    expect(identityOf({ sub: 'SHA256:x' }).subject).toBe('SHA256:x');
  });

  it.each(['auth0|5f7c8ec7c33c6c004bbafe82', 'x'.repeat(255), 'ada lovelace'])(
    'keeps one id that events can carry for the subject %s',
    (sub) => {
      const { subject } = identityOf({ sub });
      expect(identifier.safeParse(subject).success).toBe(true);
      expect(identityOf({ sub }).subject).toBe(subject);
      expect(identityOf({ sub: `.${sub.slice(1)}` }).subject).not.toBe(subject);
    },
  );
});
