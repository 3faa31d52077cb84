import { type RenderedAlert, renderAlert, renderCode } from '@bellhop/email-templates';
import { audienceOf } from '../audience.js';
import type { Content } from '../channel.js';

const MINUTE_MS = 60_000;

/** Subject, HTML and text of one mail, in the recipient's language. */
export function renderMail(
  content: Content,
  { brand, publicUrl }: { brand: string; publicUrl: string },
): RenderedAlert {
  const { ticketNumber: number, template, locale, timezone, at, firstAt } = content;
  const common = { number, brand, ...(locale && { locale }) };
  if (template === 'code') {
    const expiresAt = at ?? firstAt;
    const validMinutes = Math.round((expiresAt.getTime() - firstAt.getTime()) / MINUTE_MS);
    return renderCode({ ...common, code: content.code ?? '', site: publicUrl, expiresAt, validMinutes });
  }
  return renderAlert(template, audienceOf(content), {
    ...common,
    link: content.link ?? '',
    count: content.count,
    ...(timezone && { timezone }),
    ...(at && { at }),
    ...(content.phrase !== null && { phrase: content.phrase }),
  });
}
