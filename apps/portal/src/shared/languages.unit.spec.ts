import { describe, expect, it } from '@jest/globals';
import { languageOf } from './languages.js';

describe('the language of the pages', () => {
  it.each([
    [['pl-PL', 'en'], 'pl'],
    [['fr', 'de-AT'], 'de'],
    [['zh-SG'], 'zh-CN'],
    [['zh-Hant-TW'], 'en'],
    [['zh-TW', 'de'], 'de'],
    [['no such tag', null, undefined], 'en'],
    [[], 'en'],
  ] as const)('of %j is %s', (tags, language) => {
    expect(languageOf(tags)).toBe(language);
  });
});
