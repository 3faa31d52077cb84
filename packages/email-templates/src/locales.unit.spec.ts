import { describe, expect, it } from '@jest/globals';
import { resolveLocale } from './locales.js';

describe('the language of a mail', () => {
  it.each([
    ['en', 'en'],
    ['pl', 'pl'],
    ['zh-CN', 'zh-CN'],
    ['ZH-cn', 'zh-CN'],
    ['pl-PL', 'pl'],
    ['de-AT-1996', 'de'],
    ['pl_PL.UTF-8', 'pl'],
    ['zh', 'zh-CN'],
    ['zh-TW', 'zh-CN'],
    ['zh-Hant-HK', 'zh-CN'],
    ['en-US', 'en'],
    ['fr', 'en'],
    ['', 'en'],
    ['-', 'en'],
    ['constructor', 'en'],
    [undefined, 'en'],
  ])('of a reader with %p is %p', (tag, locale) => {
    expect(resolveLocale(tag)).toBe(locale);
  });
});
