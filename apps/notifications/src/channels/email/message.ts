import MailComposer from 'nodemailer/lib/mail-composer';
import { encodeFrozenMail } from './frozen-mail.js';
import { type AlertHeadersInput, alertHeaders } from './headers.js';

export interface AlertMail extends AlertHeadersInput {
  html: string;
  text: string;
}

/**
 * Makes the frozen request of one alert: its envelope and its exact bytes (multipart/alternative, UTF-8). Called once per
 * delivery; the multipart boundary is random, so a second call gives other bytes.
 * @throws EmailError `invalid_address` or `invalid_header`: the mail can never be sent as it is.
 */
export async function freezeAlertMail(mail: AlertMail): Promise<Buffer> {
  const { envelope, others, ...fields } = alertHeaders(mail);
  const message = new MailComposer({
    ...fields,
    headers: others,
    text: mail.text,
    html: mail.html,
    newline: 'win',
    // Content is given as strings; nothing in it may ever be taken for a path or a link to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  return encodeFrozenMail({ envelope, raw: await message.build() });
}
