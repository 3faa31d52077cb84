import { describe, expect, it } from '@jest/globals';
import { personIdentity } from './person-identity.js';

describe('a person as an operator names one', () => {
  it.each([
    ['jana@example.com', 'address:jana@example.com'],
    [' Jana@EXAMPLE.com ', 'address:jana@example.com'],
    ['jana@münchen.example', 'address:jana@xn--mnchen-3ya.example'],
    ['user:4711', 'account:bellhop:4711'],
    ['bellhop:4711', 'account:bellhop:4711'],
    ['crm:a:b.c', 'account:crm:a:b.c'],
  ])('%j is %s', (text, identity) => {
    expect(personIdentity.parse(text)).toBe(identity);
  });

  it.each([
    '',
    'jana',
    '4711',
    ':4711',
    'user:',
    'CRM:4711',
    'user:a b',
    'a@b@c',
    'jana@',
    null,
    7,
    ['jana@example.com'],
  ])('%j is refused, with what would be taken', (text) => {
    const { error } = personIdentity.safeParse(text);
    expect(error?.issues[0]?.message).toMatch(/e-mail address.*user:4711.*crm:4711/);
  });
});
