import {
  type Audience,
  canHavePhrase,
  type Placeholder,
  placeholders,
  templates,
  type Values,
  type Variant,
} from './alert.js';
import { codeVariant } from './code-variant.js';
import { type CompiledMail, type CompiledText, variantKey } from './compiled.js';
import { type Locale, locales } from './locales.js';
import { renderVariant } from './render-variant.js';
import { pluralsOf, wordsOf } from './words.js';

// Private-use characters: React, ICU and the URL attribute pass them through unchanged, and no catalog contains them.
const OPEN = '\uE000';
const CLOSE = '\uE001';
const sentinels = Object.fromEntries(placeholders.map((name) => [name, OPEN + name + CLOSE])) as Values;

/** Every variant, compiled, under its {@link variantKey}. Takes half a second. */
export async function compileAll(): Promise<Record<string, CompiledMail>> {
  const compiled: Record<string, CompiledMail> = {};
  for (const variant of allVariants()) compiled[variantKey(variant)] = await compileVariant(variant);
  return compiled;
}

/** Renders once with a sentinel in place of each value, then splits the output at the sentinels. No real value passes through here. */
async function compileVariant(variant: Variant): Promise<CompiledMail> {
  const { subject, html, text } = await renderVariant(variant, sentinels);
  return { subject: split(subject), html: split(html), text: split(text) };
}

function split(rendered: string): CompiledText {
  const pieces = rendered.split(/\uE000(\w+)\uE001/);
  return {
    text: pieces.filter((_, index) => index % 2 === 0),
    placeholders: pieces.filter((_, index) => index % 2 === 1) as Placeholder[],
  };
}

export function allVariants(): Variant[] {
  const audiences = Object.keys(templates) as Audience[];
  return locales.flatMap((locale) => [
    ...audiences.flatMap((audience) => variantsFor(audience, locale)),
    ...pluralsOf('code', locale).map((plural) => codeVariant(locale, plural)),
  ]);
}

function variantsFor(audience: Audience, locale: Locale): Variant[] {
  const phrases = canHavePhrase(audience) ? [false, true] : [false];
  return templates[audience].flatMap((template) => {
    const words = wordsOf(template, audience, locale);
    const deadlines = words.deadline === undefined ? [false] : [false, true];
    return pluralsOf(template, locale).flatMap((plural) =>
      deadlines.flatMap((hasDeadline) =>
        phrases.map((hasPhrase) => ({ template, audience, locale, plural, hasDeadline, hasPhrase })),
      ),
    );
  });
}
