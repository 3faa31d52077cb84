import type { Audience, TemplateName } from '../src/alert.js';
import type { Locale } from '../src/locales.js';
import { sampleAlert, sampleCode } from '../src/preview/sample-content.js';
import { mailOf } from '../src/render-variant.js';
import { resolveAlert, resolveCode } from '../src/values.js';

/** With the template, all that makes a variant. JSON values only, because react-email's panel "Props" edits them as JSON. */
export interface AlertProps {
  audience: Audience;
  locale: Locale;
  /** replies or tickets, default 1; only where the words count them */
  count?: number;
  /** whether a time is due, default false; only where the words have a `deadline` */
  hasDeadline?: boolean;
  /** whether the reader has chosen a phrase, default false; only for customers */
  hasPhrase?: boolean;
}

export interface CodeProps {
  locale: Locale;
  validMinutes: number;
}

/** @throws EmailTemplateError `no_such_template` when the audience never gets this mail; the preview shows its message. */
export function Alert({
  template,
  count = 1,
  hasDeadline = false,
  hasPhrase = false,
  ...variant
}: AlertProps & { template: TemplateName }) {
  const content = sampleAlert({ ...variant, hasDeadline, hasPhrase }, count);
  return mailOf(...resolveAlert(template, variant.audience, content)).body;
}

export function Code({ locale, validMinutes }: CodeProps) {
  return mailOf(...resolveCode(sampleCode(locale, validMinutes))).body;
}
