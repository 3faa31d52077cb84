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
    ['zh-SG', 'zh-CN'],
    ['zh-Hans-HK', 'zh-CN'],
    // Written in another script: until there is a catalog in it, English.
    ['zh-TW', 'en'],
    ['zh_TW', 'en'],
    ['zh-HK', 'en'],
    ['zh-MO', 'en'],
    ['zh-Hant', 'en'],
    ['zh-Hant-HK', 'en'],
    ['zh-Hant-CN', 'en'],
    ['sr-Cyrl', 'en'],
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
