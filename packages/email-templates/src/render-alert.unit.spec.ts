import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileAll } from './compile.js';
import { COMPILED_FILE } from './compiled.js';
import { type AlertContent, type Audience, locales, renderAlert, type TemplateName, templates } from './index.js';
import { renderFresh } from './render-variant.js';

const audiences = Object.keys(templates) as Audience[];
const kinds = audiences.flatMap((audience) => templates[audience].map((template) => [template, audience] as const));

/** Pieces that break out of something somewhere: markup, entities, headers, ICU, our own sentinels, half characters. */
const hostile = fc.constantFrom(
  '"',
  "'",
  '<',
  '>',
  '&',
  '&amp;',
  '&#x27;',
  '<!--',
  '-->',
  '<!DOCTYPE html>',
  '</style>',
  '<script>',
  '<link rel="preload" as="image" href="x">',
  '{number}',
  '{count, plural, other {#}}',
  '#',
  '<link>',
  '$&',
  '$1',
  '\\',
  '\uE000link\uE001',
  '\uE000',
  '\uE001',
  '[',
  ']]>',
  '\r\nBcc: x@example.com',
  '\n',
  '\0',
  '\u2028',
  '\u0085',
  '\u00A0',
  '\u200C',
  '\u200F',
  '\u202E',
  '\u2066',
  '\uFEFF',
  'ł',
  '工',
  '🛎️',
  '\uD800',
  '\uDC00',
);
const text = fc
  .array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 6 })
  .map((all) => all.join(''));
const link = fc
  .tuple(fc.constantFrom('http', 'HTTPS'), text, text, text)
  .map(([scheme, path, query, hash]) => `${scheme}://support.example.com/t/${path}?q=${query}#${hash}`);
const content: fc.Arbitrary<AlertContent> = fc.record({
  number: text,
  brand: text,
  link,
  timezone: fc.oneof(fc.constantFrom('UTC', 'Europe/Warsaw', 'Africa/Abidjan', 'Asia/Kathmandu', undefined), text),
  at: fc.option(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }), { nil: undefined }),
  count: fc.option(fc.nat(2_000), { nil: undefined }),
  phrase: fc.option(text, { nil: undefined }),
});

describe.each(kinds)('a compiled "%s" for a %s', (template: TemplateName, audience: Audience) => {
  it.each(locales)('equals a fresh render byte for byte, in %s, whatever is filled in', async (locale) => {
    await fc.assert(
      fc.asyncProperty(content, async (values) => {
        const wanted = { ...values, locale };
        expect(renderAlert(template, audience, wanted)).toEqual(await renderFresh(template, audience, wanted));
      }),
      { numRuns: 12 },
    );
  });
});

it('has a subject that stays one header, whatever is filled in', () => {
  fc.assert(
    fc.property(content, fc.constantFrom(...kinds), (values, [template, audience]) => {
      const { subject } = renderAlert(template, audience, values);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(subject).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]|\p{Cs}/u);
    }),
    { numRuns: 1_000 },
  );
});

it('is what the sources of the templates say: build them again when this fails', async () => {
  expect(JSON.parse(readFileSync(COMPILED_FILE, 'utf8'))).toEqual(await compileAll());
});
