import type { AlertContent, Audience, CodeContent, RenderedAlert, TemplateName, Values, Variant } from './alert.js';
import type { CompiledAlert, Holed } from './compile.js';
import { EmailTemplateError } from './errors.js';
import { resolveAlert, resolveCode } from './values.js';

const compiled = new Map<string, CompiledAlert>();
let compiling: Promise<void> | undefined;

/** Renders every variant once (about half a second). Call it at start; further calls return the same promise. */
export function compileAll(): Promise<void> {
  compiling ??= compileEach();
  return compiling;
}

async function compileEach(): Promise<void> {
  // Loaded here, so that who only names templates or locales does not load React.
  const { allVariants, compileVariant } = await import('./compile.js');
  for (const variant of allVariants()) compiled.set(keyOf(variant), await compileVariant(variant));
}

/**
 * One alert, ready to send. It is what a fresh render of the same content would be, byte for byte.
 * @throws EmailTemplateError `templates_not_compiled`, `no_such_template`, `link_not_allowed`, `invalid_time`
 */
export function renderAlert(template: TemplateName, audience: Audience, content: AlertContent): RenderedAlert {
  return renderCompiled(...resolveAlert(template, audience, content));
}

/**
 * The mail with a one-time code, ready to send. Like {@link renderAlert}.
 * @throws EmailTemplateError `templates_not_compiled`, `link_not_allowed`, `invalid_time`, `invalid_code`
 */
export function renderCode(content: CodeContent): RenderedAlert {
  return renderCompiled(...resolveCode(content));
}

export function renderCompiled(variant: Variant, values: Values): RenderedAlert {
  const alert = compiled.get(keyOf(variant));
  if (!alert) {
    throw new EmailTemplateError(
      'templates_not_compiled',
      'The e-mail templates are not compiled yet: await compileAll() once at start, before the first renderAlert().',
    );
  }
  return {
    subject: fill(alert.subject, values),
    html: fill(alert.html, escapeAll(values)),
    text: fill(alert.text, values),
    locale: variant.locale,
  };
}

function keyOf({ template, audience, locale, plural, hasDeadline }: Variant): string {
  return `${template} ${audience} ${locale} ${plural} ${hasDeadline}`;
}

function fill({ text, holes }: Holed, values: Values): string {
  let filled = text[0]!;
  for (let index = 0; index < holes.length; index++) filled += values[holes[index]!] + text[index + 1]!;
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
