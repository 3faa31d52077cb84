import { type Audience, type Hole, templates, type Values, type Variant } from './alert.js';
import { codeVariant } from './code-variant.js';
import { type CompiledAlert, type Holed, variantKey } from './compiled.js';
import { type Locale, locales } from './locales.js';
import { renderVariant } from './render-variant.js';
import { pluralsOf, wordsOf } from './words.js';

const holes: readonly Hole[] = ['number', 'link', 'brand', 'count', 'date', 'time', 'zone', 'code', 'host'];

// Private-use characters: React, ICU and the URL attribute pass them through unchanged, and no catalog contains them.
const OPEN = '\uE000';
const CLOSE = '\uE001';
const sentinels = Object.fromEntries(holes.map((hole) => [hole, OPEN + hole + CLOSE])) as Values;

/** All variants, under the names by which {@link variantKey} finds them. Takes half a second. */
export async function compileAll(): Promise<Record<string, CompiledAlert>> {
  const compiled: Record<string, CompiledAlert> = {};
  for (const variant of allVariants()) compiled[variantKey(variant)] = await compileVariant(variant);
  return compiled;
}

/** Renders once with a sentinel for each value, and cuts the result at the sentinels. Values never pass through here. */
async function compileVariant(variant: Variant): Promise<CompiledAlert> {
  const { subject, html, text } = await renderVariant(variant, sentinels);
  return { subject: cut(subject), html: cut(html), text: cut(text) };
}

function cut(rendered: string): Holed {
  const pieces = rendered.split(/\uE000(\w+)\uE001/);
  return {
    text: pieces.filter((_, index) => index % 2 === 0),
    holes: pieces.filter((_, index) => index % 2 === 1) as Hole[],
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
  return templates[audience].flatMap((template) => {
    const words = wordsOf(template, audience, locale);
    const deadlines = words.deadline === undefined ? [false] : [false, true];
    return pluralsOf(template, locale).flatMap((plural) =>
      deadlines.map((hasDeadline) => ({ template, audience, locale, plural, hasDeadline })),
    );
  });
}
