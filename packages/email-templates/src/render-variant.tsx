import { render } from '@react-email/render';
import type { AlertContent, Audience, RenderedAlert, TemplateName, Values, Variant } from './alert.js';
import { composeCopy } from './copy.js';
import { AlertMail } from './mail.js';
import { plainText } from './plain-text.js';
import { resolveAlert } from './values.js';

/** Runs react-email. Two milliseconds: for compiling, for previews, and as what compiled output is held against. */
export async function renderVariant(variant: Variant, values: Values): Promise<RenderedAlert> {
  const { locale } = variant;
  const copy = composeCopy(variant, values);
  const html = await render(<AlertMail copy={copy} locale={locale} brand={values.brand} link={values.link} />);
  return { subject: copy.subject, html, text: plainText(copy, values.brand), locale };
}

export function renderFresh(template: TemplateName, audience: Audience, content: AlertContent): Promise<RenderedAlert> {
  return renderVariant(...resolveAlert(template, audience, content));
}
