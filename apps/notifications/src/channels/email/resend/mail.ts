import type { CreateEmailOptions } from 'resend';
import type { Mailbox } from '../address.js';
import type { AlertMail } from '../alert-mail.js';
import { alertHeaders } from '../headers.js';

/** Characters for which a name needs quotes (RFC 5322 §3.2.3 specials). */
const SPECIAL = /[()<>[\]:;@\\,."]/;

/**
 * Makes the frozen request of one alert: the JSON of one email (https://resend.com/docs/api-reference/emails/send-email).
 * The same mail gives the same bytes. For these fields the SDK's names are those of the API, so the JSON is made here, once.
 *
 * Resend sets `Message-ID`, `Date` and the envelope sender itself. So EMAIL_BOUNCE is not used here: bounces come as webhooks.
 * Threads depend on `References` alone. The tags let a webhook find its delivery even when the answer with Resend's id was lost.
 * @throws EmailError `invalid_address` or `invalid_header`: the mail can never be sent as it is.
 */
export function freezeResendMail(mail: AlertMail): Buffer {
  const { from, to, subject, references, inReplyTo, others } = alertHeaders(mail);
  const email: CreateEmailOptions = {
    from: mailbox(from),
    to: [to.address],
    subject,
    html: mail.html,
    text: mail.text,
    headers: { References: references, 'In-Reply-To': inReplyTo, ...others },
    tags: [
      { name: 'delivery', value: mail.deliveryId },
      { name: 'generation', value: String(mail.generation) },
    ],
  };
  return Buffer.from(JSON.stringify(email));
}

/**
 * The body of one request: the frozen bytes unchanged, in a JSON array when there are several. The same mails in the same order
 * give the same body, which is what Resend compares under a repeated key.
 */
export function requestBody(mails: readonly Buffer[]): Buffer {
  if (mails.length === 1) return mails[0] as Buffer;
  const pieces = mails.flatMap((mail, index) => [index === 0 ? OPEN : COMMA, mail]);
  return Buffer.concat([...pieces, CLOSE]);
}

/** Whether the bytes can be such a request. They are sealed at rest, so this only catches what another channel has frozen. */
export function isFrozenResendMail(bytes: Buffer): boolean {
  return bytes[0] === 0x7b && bytes[bytes.length - 1] === 0x7d;
}

/** The recipient of a frozen mail; empty when it cannot be read. */
export function recipientOf(bytes: Buffer): string {
  try {
    const { to } = JSON.parse(bytes.toString()) as { to?: unknown };
    return Array.isArray(to) ? String(to[0] ?? '') : '';
  } catch {
    return '';
  }
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

function mailbox({ name, address }: Mailbox): string {
  if (name === '') return address;
  return `${SPECIAL.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name} <${address}>`;
}
