import { readFileSync } from 'node:fs';
import type { AlertContent, Audience, CodeContent, RenderedAlert, TemplateName, Values, Variant } from './alert.js';
import { COMPILED_FILE, type CompiledMail, type CompiledText, variantKey } from './compiled.js';
import { EmailTemplateError } from './errors.js';
import { resolveAlert, resolveCode } from './values.js';

const compiled: Readonly<Record<string, CompiledMail | undefined>> = JSON.parse(readFileSync(COMPILED_FILE, 'utf8'));

/**
 * One alert, ready to send. Equal, byte for byte, to a fresh render of the same content.
 * @throws EmailTemplateError `no_such_template`, `link_not_allowed`, `invalid_time`
 */
export function renderAlert(template: TemplateName, audience: Audience, content: AlertContent): RenderedAlert {
  return renderCompiled(...resolveAlert(template, audience, content));
}

/**
 * The subject alone, which is also the title of a push.
 * @throws what {@link renderAlert} throws
 */
export function renderSubject(template: TemplateName, audience: Audience, content: AlertContent): string {
  const [variant, values] = resolveAlert(template, audience, content);
  return fill(compiledOf(variant).subject, values);
}

/**
 * The mail with a one-time code, ready to send. Like {@link renderAlert}.
 * @throws EmailTemplateError `link_not_allowed`, `invalid_time`, `invalid_code`
 */
export function renderCode(content: CodeContent): RenderedAlert {
  return renderCompiled(...resolveCode(content));
}

export function renderCompiled(variant: Variant, values: Values): RenderedAlert {
  const { subject, html, text } = compiledOf(variant);
  return {
    subject: fill(subject, values),
    html: fill(html, escapeAll(values)),
    text: fill(text, values),
    locale: variant.locale,
  };
}

function compiledOf(variant: Variant): CompiledMail {
  const which = variantKey(variant);
  const mail = compiled[which];
  if (mail) return mail;
  throw new EmailTemplateError('no_such_template', `There is no compiled mail "${which}": build this package again.`);
}

function fill({ text, placeholders }: CompiledText, values: Values): string {
  let filled = text[0]!;
  for (let index = 0; index < placeholders.length; index++) filled += values[placeholders[index]!] + text[index + 1]!;
  return filled;
}

function escapeAll(values: Values): Values {
  return {
    number: escapeHtml(values.number),
    link: escapeHtml(values.link),
    brand: escapeHtml(values.brand),
    count: escapeHtml(values.count),
    date: escapeHtml(values.date),
    time: escapeHtml(values.time),
    zone: escapeHtml(values.zone),
    phrase: escapeHtml(values.phrase),
    code: escapeHtml(values.code),
    host: escapeHtml(values.host),
  };
}

const SPECIAL = /["&'<>]/;
const entities: Record<string, string> = { '"': '&quot;', '&': '&amp;', "'": '&#x27;', '<': '&lt;', '>': '&gt;' };

/** As React escapes, in text and in attributes alike; both are quoted or element content, so this is enough for both. */
function escapeHtml(value: string): string {
  return SPECIAL.test(value) ? value.replace(/["&'<>]/g, (character) => entities[character]!) : value;
}
