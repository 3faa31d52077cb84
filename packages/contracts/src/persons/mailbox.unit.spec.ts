import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mailboxOf } from './mailbox.js';

const address = (typed: string) => mailboxOf(typed).address;
const stem = (typed: string) => mailboxOf(typed).stem;
const domain = (typed: string) => mailboxOf(typed).domain;

describe('S2 S42 the mailbox of an address', () => {
  it.each([
    ['JANA@Example.COM', 'jana@example.com'],
    ['jana+news@example.com', 'jana@example.com'],
    ['jana+a+b@example.com', 'jana+c@example.com'],
    ['jana@münchen.example', 'jana@xn--mnchen-3ya.example'],
    ['Jana+X@MÜNCHEN.example', 'jana@xn--mnchen-3ya.example'],
    ['j.a.n.a@gmail.com', 'jana@gmail.com'],
    ['Ja.Na+x.y@GoogleMail.com', 'jana@gmail.com'],
    ['jana@me.com', 'jana@icloud.com'],
    ['jana+x@mac.com', 'jana@icloud.com'],
    ['ja.n-a_@protonmail.com', 'jana@proton.me'],
    ['jana@pm.me', 'jana@proton.me'],
    ['jana-kowalska@ya.ru', 'jana.kowalska@yandex.com'],
    ['jana-shop@yahoo.com', 'jana@yahoo.com'],
    ['jana-a-b@yahoo.co.uk', 'jana-c@yahoo.co.uk'],
    ['shop@jana.fastmail.com', 'jana@fastmail.com'],
    ['a+b@jana.fastmail.fm', 'jana+x@fastmail.fm'],
    ['jana+x@outlook.de', 'jana@outlook.de'],
  ])('S42 is the same for %s and %s', (a, b) => {
    expect(address(a)).toBe(address(b));
  });

  it.each([
    ['jana@example.com', 'jan@example.com'],
    ['jana@example.com', 'jana@example.org'],
    ['j.ana@example.com', 'jana@example.com'],
    ['+jana@example.com', '+jan@example.com'],
    ['jana-x@example.com', 'jana@example.com'],
    ['jana=x@example.com', 'jana@example.com'],
    ['j.ana@outlook.com', 'jana@outlook.com'],
    ['jana-x@gmail.com', 'jana@gmail.com'],
    ['-jana@yahoo.com', '-jan@yahoo.com'],
    ['jana@yahoo.com', 'jana@yahoo.de'],
    ['jana@gmail.com.example', 'j.ana@gmail.com.example'],
    ['jana@notgmail.com', 'j.ana@notgmail.com'],
    ['a@jana.fastmail.com', 'a@eve.fastmail.com'],
    ['jana@icloud.com', 'jana@example.com'],
  ])('is another one for %s and %s', (a, b) => {
    expect(address(a)).not.toBe(address(b));
  });

  it.each([
    ['jana-a@example.com', 'jana-b@example.com'],
    ['jana=a@example.com', 'jana@example.com'],
    ['jana-a=b+c@example.com', 'jana@example.com'],
    ['jana@a.example.com', 'jana@b.example.com'],
  ])('S42 may be the same for %s and %s: they have one stem', (a, b) => {
    expect(stem(a)).toBe(stem(b));
  });

  it.each([
    ['jean-pierre@orange.fr', 'jean-luc@orange.fr'],
    ['jean-pierre@gmail.com', 'jean-luc@gmail.com'],
    ['jan.a@example.com', 'jan.b@example.com'],
    ['-a@example.com', '-b@example.com'],
  ])('at a provider for everybody, or without a tag, %s and %s have each their own', (a, b) => {
    expect(stem(a)).not.toBe(stem(b));
  });

  it.each([
    ['a@example.com', 'example.com'],
    ['a@x1.y2.Example.com', 'example.com'],
    ['a@x1.example.co.uk', 'example.co.uk'],
    ['a@example.com.au', 'example.com.au'],
    ['a@x.example.de', 'example.de'],
    ['a@x.münchen.example', 'xn--mnchen-3ya.example'],
    ['a@x.gmail.com', 'gmail.com'],
  ])('S42 belongs to whoever registered the domain: %s to %s', (typed, owner) => {
    expect(domain(typed)).toBe(owner);
  });

  it.each([
    ...[
      'gmail.com',
      'googlemail.com',
      'outlook.com',
      'hotmail.co.uk',
      'live.nl',
      'gmx.de',
      'gmx.net',
      'web.de',
      't-online.de',
    ],
    ...[
      'icloud.com',
      'yahoo.co.jp',
      'yahoo.com',
      'proton.me',
      'wp.pl',
      'onet.pl',
      'qq.com',
      'vip.qq.com',
      '163.com',
      'jana.fastmail.com',
    ],
  ])('shares no domain with strangers at %s', (provider) => {
    expect(domain(`jana@${provider}`)).toBeNull();
  });

  it('S2 S42 no tag, no case and no dot of Gmail makes a new one', () => {
    const tag = fc.stringMatching(/^[a-z0-9+._-]{0,20}$/);
    fc.assert(
      fc.property(tag, fc.boolean(), fc.subarray([1, 2, 3]), (text, isUpper, dots) => {
        const plain = `jana+${text}@example.com`;
        expect(address(isUpper ? plain.toUpperCase() : plain)).toBe('jana@example.com');
        const dotted = [...'jana'].map((letter, index) => (dots.includes(index) ? `.${letter}` : letter)).join('');
        expect(address(`${dotted}+${text}@googlemail.com`)).toBe('jana@gmail.com');
      }),
    );
  });
});
