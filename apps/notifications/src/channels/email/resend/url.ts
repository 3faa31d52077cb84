import { EmailError } from '../email.errors.js';
import { parseRate } from '../limits/rate.js';

/** A server that speaks Resend's API, and the key for it. */
export interface ResendServer {
  /** `https://api.resend.com`, or `http://host:port`. */
  origin: string;
  apiKey: string;
  /** Requests per second at most, where the URL says so. */
  rate?: number;
}

// The characters of RFC 6750's b64token that are safe in a URL: the key is sent as `Authorization: Bearer …`.
const FORM = /^resend:\/\/([A-Za-z0-9._~+-]{1,256})(?:@([^@/?#\\\s]{1,300}))?\/?(?:\?rate=([^&]*))?$/i;

/**
 * Reads EMAIL_URL: `resend://<api key>` for Resend itself, over https; `resend://<api key>@host:port` for another server that
 * speaks Resend's API over http; `?rate=` behind either. In that second form the key and every mail travel unencrypted: it is meant for a server on
 * loopback or inside a private network. A host of Resend's is refused there, since it could only be a mistake.
 *
 * Not parsed with `URL`, which would take the key for a host and write it in lower case.
 * @throws EmailError `invalid_email_url`, which never repeats the URL: it holds the key.
 */
export function parseResendUrl(text: string): ResendServer {
  const [, apiKey, host, rateText] = FORM.exec(text) ?? [];
  if (!apiKey) throw invalid();
  const rate = rateText === undefined ? {} : { rate: parseRate(rateText) };
  if (host === undefined) return { origin: 'https://api.resend.com', apiKey, ...rate };
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  if (!url?.hostname || url.port === '0' || /(?:^|\.)resend\.com\.?$/.test(url.hostname)) throw invalid();
  return { origin: url.origin, apiKey, ...rate };
}

function invalid(): EmailError {
  const message =
    'EMAIL_URL must look like resend://<api key> for Resend itself, or resend://<api key>@host:port for another server ' +
    'that speaks its API over http.';
  return new EmailError('invalid_email_url', message);
}
