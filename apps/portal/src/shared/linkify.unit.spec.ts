import { describe, expect, it } from '@jest/globals';
import { piecesOf } from './linkify.js';

const hrefs = (text: string) => piecesOf(text).flatMap(({ href }) => href ?? []);

describe('links in a text', () => {
  it('are what is written as https, without the full stop behind it', () => {
    expect(piecesOf('See https://example.com/a?b=1. Thanks')).toEqual([
      { text: 'See ' },
      { text: 'https://example.com/a?b=1', href: 'https://example.com/a?b=1' },
      { text: '. Thanks' },
    ]);
  });

  it.each([
    'http://example.com',
    'example.com',
    'www.example.com',
    'me@example.com',
    'mailto:me@example.com',
    '//example.com',
    'ftp://example.com',
    'javascript:alert(1)',
    'data:text/html,hello',
    'https://bank.example@evil.example/',
    'https://bank.example:x@evil.example/',
  ])('%s is none', (text) => {
    expect(hrefs(text)).toEqual([]);
    expect(
      piecesOf(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });

  it('show the real host where letters look like others', () => {
    expect(piecesOf('https://exаmple.com/')).toEqual([expect.objectContaining({ host: 'xn--exmple-4nf.com' })]);
  });

  it('keep every character of the text', () => {
    const text = 'a https://a.example\nb <https://b.example/x_(y)> c https://c.example';
    expect(
      piecesOf(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
    expect(hrefs(text)).toHaveLength(3);
  });
});
