import { canHavePhrase, type Values, type Variant } from '../alert.js';
import { allVariants } from '../compile.js';
import { resolveAlert, resolveCode } from '../values.js';
import { isCounted } from '../words.js';
import { sampleAlert, sampleCode } from './sample-content.js';

export interface Sample {
  /** stable address of the sample, such as `replied.guest.pl.few` */
  id: string;
  /** which of several shapes in one language: a form of plural, whether a time is due, whether there is a phrase; empty for the only one */
  form: string;
  variant: Variant;
  values: Values;
}

/** Every variant that a number from 1 to 100 selects, filled in. */
export function allSamples(): Sample[] {
  return allVariants().flatMap((variant, _, all) => {
    const count = countFor(variant);
    if (count === undefined) return [];
    const form = formOf(variant, all);
    return [{ id: idOf(variant), form, variant, values: valuesFor(variant, count) }];
  });
}

function formOf(variant: Variant, all: readonly Variant[]): string {
  const hasTwin = all.some((other) => isTwin(variant, other));
  const parts = [
    ...(isCounted(variant.template) ? [variant.plural] : []),
    ...(hasTwin ? [`${withOrWithout(variant.hasDeadline)} a time`] : []),
    ...(canHavePhrase(variant.audience) ? [`${withOrWithout(variant.hasPhrase)} a phrase`] : []),
  ];
  return parts.join(', ');
}

function withOrWithout(isThere: boolean): string {
  return isThere ? 'with' : 'without';
}

/** Whether two variants differ in nothing but a time that is due. */
function isTwin(one: Variant, other: Variant): boolean {
  return one.template === other.template && one.audience === other.audience && one.hasDeadline !== other.hasDeadline;
}

function countFor(variant: Variant): number | undefined {
  if (!isCounted(variant.template)) return 1;
  const rules = new Intl.PluralRules(variant.locale);
  const counts = Array.from({ length: 100 }, (_, index) => index + 1);
  // Codes are good for ten minutes.
  return (variant.template === 'code' ? [10, ...counts] : counts).find(
    (count) => rules.select(count) === variant.plural,
  );
}

function idOf(variant: Variant): string {
  const { template, audience, locale, plural, hasDeadline, hasPhrase } = variant;
  const form = isCounted(variant.template) ? [plural] : hasDeadline ? ['deadline'] : [];
  return [template, audience, locale, ...form, ...(hasPhrase ? ['phrase'] : [])].join('.');
}

function valuesFor(variant: Variant, count: number): Values {
  const { template, audience, locale } = variant;
  const [, values] =
    template === 'code'
      ? resolveCode(sampleCode(locale, count))
      : resolveAlert(template, audience, sampleAlert(variant, count));
  return values;
}
