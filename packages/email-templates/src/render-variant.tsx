import { render } from '@react-email/render';
import type { ReactElement } from 'react';
import type { AlertContent, Audience, CodeContent, RenderedAlert, TemplateName, Values, Variant } from './alert.js';
import { codeText, composeCodeCopy } from './code-copy.js';
import { CodeMail } from './code-mail.js';
import { composeCopy } from './copy.js';
import { AlertMail } from './mail.js';
import { plainText } from './plain-text.js';
import { resolveAlert, resolveCode } from './values.js';

interface Mail {
  subject: string;
  body: ReactElement;
  text: string;
}

/** One mail before it is rendered. */
export function mailOf({ template, ...variant }: Variant, values: Values): Mail {
  const { locale } = variant;
  const { brand, link } = values;
  if (template === 'code') {
    const copy = composeCodeCopy({ ...variant, template }, values);
    return { subject: copy.subject, body: <CodeMail {...{ copy, locale, brand }} />, text: codeText(copy, brand) };
  }
  const copy = composeCopy({ ...variant, template }, values);
  return {
    subject: copy.subject,
    body: <AlertMail {...{ copy, locale, brand, link }} />,
    text: plainText(copy, brand),
  };
}

/** Runs react-email, which takes two milliseconds: for the build, and for the tests that compare its output with ours. */
export async function renderVariant(variant: Variant, values: Values): Promise<RenderedAlert> {
  const { subject, body, text } = mailOf(variant, values);
  return { subject, html: await render(body), text, locale: variant.locale };
}

export function renderFreshCode(content: CodeContent): Promise<RenderedAlert> {
  return renderVariant(...resolveCode(content));
}

export function renderFresh(template: TemplateName, audience: Audience, content: AlertContent): Promise<RenderedAlert> {
  return renderVariant(...resolveAlert(template, audience, content));
}
