import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readLocale } from './locale.js';

describe('a language as people and programs spell it', () => {
  it.each<[unknown, string | undefined]>([
    ['pl', 'pl'],
    ['PL', 'pl'],
    ['pl-PL', 'pl-PL'],
    ['pl-pl', 'pl-PL'],
    ['pl_PL', 'pl-PL'],
    ['zh_CN', 'zh-CN'],
    ['en_US', 'en-US'],
    ['pl_PL.UTF-8', 'pl-PL'],
    ['de_DE@euro', 'de-DE'],
    ['de@euro', 'de'],
    ['de_DE.ISO-8859-15@euro', 'de-DE'],
    ['sr_RS@latin', 'sr-RS'],
    ['pl-PL-u-ca-gregory-nu-latn', 'pl-PL'],
    ['de-DE-x-private', 'de-DE'],
    ['de-CH-1996', 'de-CH'],
    ['zh-Hant-TW', 'zh-Hant-TW'],
    ['zh-Hant-TW-u-nu-hant', 'zh-Hant-TW'],
    ['zh_Hans_CN', 'zh-Hans-CN'],
    ['zh-cmn-Hant-TW', 'zh-Hant-TW'],
    ['cmn-Hans-CN', 'zh-Hans-CN'],
    ['zh-yue-HK', 'zh-HK'],
    ['deu', 'de'],
    ['ger', 'de'],
    ['pol', 'pl'],
    ['es-419', 'es-419'],
    ['en-GB-oed', 'en-GB'],
    [' pl-PL ', 'pl-PL'],
    ['pl-PL\n', 'pl-PL'],
    ['\u202apl-PL\u202c', 'pl-PL'],
    ['pl\u200b', 'pl'],
    ['pl-', 'pl'],
    ['-pl', 'pl'],
    ['pl--PL', 'pl-PL'],
    ['pl-PL,pl;q=0.9,en;q=0.8', 'pl-PL'],
    ['German_Germany.1252', 'de'],
    ['Polish_Poland.1250', 'pl'],
    ['english', 'en'],
    ['C', 'en'],
    ['C.UTF-8', 'en'],
    ['POSIX', 'en'],
    ['xx', 'xx'],
    ['und', undefined],
    ['', undefined],
    ['   ', undefined],
    ['p', undefined],
    ['12', undefined],
    ['i-default', undefined],
    ['i-klingon', undefined],
    ['x-private', undefined],
    ['klingonisch', undefined],
    // A member of every object.
    ['constructor', undefined],
    ['../en', undefined],
    ['*', undefined],
    ['🇵🇱', undefined],
    [null, undefined],
    [undefined, undefined],
    [7, undefined],
    [true, undefined],
    [['pl'], undefined],
    [{ language: 'pl' }, undefined],
  ])('%j is read as %j', (spelt, tag) => {
    expect(readLocale(spelt)).toBe(tag);
    // And again, now that it is known.
    expect(readLocale(spelt)).toBe(tag);
  });

  it('leaves nothing but letters, digits and dashes of whatever comes, and never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 100 }),
        fc.constantFrom('', 'pl_', 'zh-Hant-'),
        (text, before) => {
          expect(readLocale(before + text) ?? 'en').toMatch(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,4}){0,2}$/);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
