import { EmailError } from './email.errors.js';
import type { EmailProvider, EmailProviderOptions } from './email-provider.js';
import { ResendProvider } from './resend/resend-provider.js';
import { parseResendUrl } from './resend/url.js';
import { SmtpProvider } from './smtp/smtp-provider.js';
import { parseSmtpUrl } from './smtp/url.js';

/** Each scheme of EMAIL_URL: how it is read, and the provider that speaks it. */
const SCHEMES = {
  'smtp:': { parse: parseSmtpUrl, Provider: SmtpProvider },
  'smtps:': { parse: parseSmtpUrl, Provider: SmtpProvider },
  'resend:': { parse: parseResendUrl, Provider: ResendProvider },
};

/**
 * The providers that EMAIL_URL asks for, in its order.
 * @throws EmailError `invalid_email_url`
 */
export function emailProviders(setting: string, { closeMs, clientName }: EmailProviderOptions): EmailProvider[] {
  return urlsOf(setting).map((url) => new (schemeOf(url).Provider)({ url, clientName, timeouts: { closeMs } }));
}

/**
 * Reads EMAIL_URL as {@link emailProviders} will.
 * @returns the same text
 * @throws EmailError `invalid_email_url`, which says which of several is wrong and never repeats it: it may hold a password or a key.
 */
export function checkEmailUrl(setting: string): string {
  const urls = urlsOf(setting);
  for (const [index, url] of urls.entries()) {
    try {
      schemeOf(url).parse(url);
    } catch (error) {
      if (urls.length === 1 || !(error instanceof EmailError)) throw error;
      const place = `Number ${index + 1} of the ${urls.length} providers in EMAIL_URL cannot be used`;
      throw new EmailError('invalid_email_url', `${place}; write a comma in a password as %2C. ${error.message}`);
    }
  }
  return setting;
}

function urlsOf(setting: string): string[] {
  return setting.split(',').map((url) => url.trim());
}

function schemeOf(url: string) {
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? '';
  if (scheme in SCHEMES) return SCHEMES[scheme as keyof typeof SCHEMES];
  throw new EmailError(
    'invalid_email_url',
    'EMAIL_URL must begin with smtp:// or smtps:// for a mail server, or be resend://<api key> for Resend.',
  );
}
