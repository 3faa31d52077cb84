import MailComposer from 'nodemailer/lib/mail-composer';
import type MimeNode from 'nodemailer/lib/mime-node';
import { encode, wrap } from 'nodemailer/lib/qp';
import type { AlertMail } from './alert-mail.js';
import { encodeFrozenMail } from './frozen-mail.js';
import { alertHeaders } from './headers.js';

/**
 * Makes the frozen request of one alert: its envelope and its exact bytes (multipart/alternative, UTF-8). Called once per
 * delivery; the multipart boundary is random, so a second call gives other bytes.
 * @throws EmailError `invalid_address` or `invalid_header`: the mail can never be sent as it is.
 */
export function freezeAlertMail(mail: AlertMail): Buffer {
  const { envelope, others, ...fields } = alertHeaders(mail);
  const message = new MailComposer({
    ...fields,
    headers: others,
    text: withCrlf(mail.text),
    html: withCrlf(mail.html),
    encoding: 'quoted-printable',
    // Content is given as strings; nothing in it may ever be taken for a path or a link to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  return encodeFrozenMail({ envelope, raw: Buffer.from(serialise(message), 'latin1') });
}

/**
 * Writes the composed tree down. The composer's own `build()` pushes each part through half a dozen streams and a few turns
 * of the event loop; with two strings in memory that was 0.4 ms per mail against 0.1 ms here, the same bytes but for where
 * soft line breaks fall.
 */
function serialise(message: MimeNode): string {
  const head = message.buildHeaders();
  const parts = message.childNodes.map(
    (part) => `--${message.boundary}\r\n${part.buildHeaders()}\r\n\r\n${wrap(encode(part.content as string))}\r\n`,
  );
  return `${head}\r\n\r\n${parts.join('')}--${message.boundary}--\r\n`;
}

function withCrlf(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}
