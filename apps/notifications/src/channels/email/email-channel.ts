import type { Channel } from '../channel.js';
import { EmailError } from './email.errors.js';
import { ResendChannel } from './resend/resend-channel.js';
import { parseResendUrl } from './resend/url.js';
import { SmtpChannel } from './smtp/smtp-channel.js';
import { parseSmtpUrl } from './smtp/url.js';

export interface EmailChannelOptions {
  /** How long `close()` waits for what is on the way. */
  closeMs: number;
  /** What we call ourselves to a mail server. */
  name?: string | undefined;
}

/** Each scheme of EMAIL_URL: how it is read, and the channel that speaks it. */
const SCHEMES = {
  'smtp:': { parse: parseSmtpUrl, Channel: SmtpChannel },
  'smtps:': { parse: parseSmtpUrl, Channel: SmtpChannel },
  'resend:': { parse: parseResendUrl, Channel: ResendChannel },
};

/**
 * The channel that EMAIL_URL asks for.
 * @throws EmailError `invalid_email_url`
 */
export function emailChannel(url: string, { closeMs, name }: EmailChannelOptions): Channel {
  return new (schemeOf(url).Channel)({ url, name, timeouts: { closeMs } });
}

/**
 * Reads EMAIL_URL as {@link emailChannel} will.
 * @returns the same text
 * @throws EmailError `invalid_email_url`, which never repeats it: it may hold a password or a key.
 */
export function checkEmailUrl(url: string): string {
  schemeOf(url).parse(url);
  return url;
}

function schemeOf(url: string) {
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? '';
  if (scheme in SCHEMES) return SCHEMES[scheme as keyof typeof SCHEMES];
  throw new EmailError(
    'invalid_email_url',
    'EMAIL_URL must begin with smtp:// or smtps:// for a mail server, or be resend://<api key> for Resend.',
  );
}
