import { render } from '@react-email/render';
import type { AlertContent, Audience, CodeContent, RenderedAlert, TemplateName, Values, Variant } from './alert.js';
import { codeText, composeCodeCopy } from './code-copy.js';
import { CodeMail } from './code-mail.js';
import { composeCopy } from './copy.js';
import { AlertMail } from './mail.js';
import { plainText } from './plain-text.js';
import { resolveAlert, resolveCode } from './values.js';

/** Runs react-email. Two milliseconds: for compiling, for previews, and as what compiled output is held against. */
export async function renderVariant(variant: Variant, values: Values): Promise<RenderedAlert> {
  const { locale, template } = variant;
  if (template === 'code') return renderCodeVariant({ ...variant, template }, values);
  const copy = composeCopy({ ...variant, template }, values);
  const html = await render(<AlertMail copy={copy} locale={locale} brand={values.brand} link={values.link} />);
  return { subject: copy.subject, html, text: plainText(copy, values.brand), locale };
}

async function renderCodeVariant(variant: Variant<'code'>, values: Values): Promise<RenderedAlert> {
  const { locale } = variant;
  const copy = composeCodeCopy(variant, values);
  const html = await render(<CodeMail copy={copy} locale={locale} brand={values.brand} />);
  return { subject: copy.subject, html, text: codeText(copy, values.brand), locale };
}

export function renderFreshCode(content: CodeContent): Promise<RenderedAlert> {
  return renderVariant(...resolveCode(content));
}

export function renderFresh(template: TemplateName, audience: Audience, content: AlertContent): Promise<RenderedAlert> {
  return renderVariant(...resolveAlert(template, audience, content));
}
