import { MAX_PHRASE_LENGTH } from '@bellhop/contracts/constants';
import { phraseRequest } from '@bellhop/contracts/http';
import { describe, expect, it } from '@jest/globals';
import { isGoodPhrase, keepForReturn, takeAfterReturn } from './phrase-rules.js';

class Kept extends Map<string, string> {
  getItem = (key: string) => this.get(key) ?? null;
  setItem = (key: string, value: string) => void this.set(key, value);
  removeItem = (key: string) => void this.delete(key);
}

describe('a phrase', () => {
  it.each([
    'seven green herons',
    'żółć',
    '七只绿鹭',
    ' a b ',
    'ab',
    '  ab  ',
    'see www.evil.example',
    'HTTP://x',
    'me@example.com',
    'x'.repeat(MAX_PHRASE_LENGTH),
    'x'.repeat(MAX_PHRASE_LENGTH + 1),
    '',
  ])('is good here exactly where the service takes it: %j', (phrase) => {
    expect(isGoodPhrase(phrase)).toBe(phraseRequest.safeParse({ phrase }).success);
  });
});

describe('what was typed before a fresh sign-in', () => {
  const MINUTE_MS = 60_000;

  it('is there once, for ten minutes', () => {
    const kept = new Kept();
    expect(takeAfterReturn(kept, 0)).toBeNull();
    keepForReturn(kept, 'seven', 0);
    expect(takeAfterReturn(kept, 9 * MINUTE_MS)).toBe('seven');
    expect(takeAfterReturn(kept, 9 * MINUTE_MS)).toBeNull();
    keepForReturn(kept, 'seven', 0);
    expect(takeAfterReturn(kept, 11 * MINUTE_MS)).toBeNull();
  });

  it('may be nothing: then it is still known that somebody comes back', () => {
    const kept = new Kept();
    keepForReturn(kept, '', 0);
    expect(takeAfterReturn(kept, 1)).toBe('');
  });

  it('is nothing where the browser keeps nothing, or something else stands there', () => {
    const off = {
      getItem: () => null,
      setItem: () => {
        throw new Error('full');
      },
      removeItem: () => undefined,
    };
    keepForReturn(off, 'seven', 0);
    expect(takeAfterReturn(off, 1)).toBeNull();
    const kept = new Kept();
    for (const json of ['{', '1', '{"typed":1,"at":0}', '{"typed":"a"}']) {
      kept.set('bellhop.phrase', json);
      expect(takeAfterReturn(kept, 1)).toBeNull();
    }
  });
});
