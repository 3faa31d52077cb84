import { createHash } from 'node:crypto';
import { maskAddress } from '@bellhop/contracts/persons';
import { hasControlCharacter, type Mailbox, parseAddress, type Sender } from './address.js';
import { EmailError } from './email.errors.js';

/** Names the delivery that a mail is of. */
export const DELIVERY_HEADER = 'X-Delivery-ID';

export interface AlertHeadersInput {
  sender: Sender;
  recipient: string;
  subject: string;
  deliveryId: string;
  /** Counts the mails of this delivery, from 0: one that was accepted and is sent again on purpose is another message (RFC 5322 §3.6.4). */
  copy: number;
  /** The thread: mail programs group all alerts about one ticket of one system. */
  ticket: { system: string; id: string };
  /** BCP 47 tag of the language that the mail is written in. */
  locale: string;
  /** When the mail was made; the same on each attempt. */
  date: Date;
  /** Where one click mutes this ticket (RFC 8058). Never given for codes. */
  unsubscribeUrl?: string | undefined;
}

/** Every header of an alert, and its envelope. MIME's own (`MIME-Version`, `Content-Type`, …) are written with the parts. */
export interface AlertHeaders {
  envelope: { from: string; to: string };
  from: Mailbox;
  to: Mailbox;
  subject: string;
  messageId: string;
  references: string;
  inReplyTo: string;
  date: Date;
  /** Headers that mail programs do not show. */
  others: Record<string, string>;
}

/**
 * The header policy. Pure: the same input gives the same headers, so an attempt repeated is the same mail.
 * @throws EmailError `invalid_address` or `invalid_header` for a value that would add a line, a header or a recipient.
 */
export function alertHeaders(input: AlertHeadersInput): AlertHeaders {
  const { sender } = input;
  const to = parseAddress(input.recipient);
  const root = threadRoot(input.ticket, sender.host);
  return {
    envelope: { from: sender.bounce, to },
    from: sender.from,
    to: { name: '', address: to },
    subject: plain('subject', input.subject),
    messageId: `<${token('delivery id', input.deliveryId)}${input.copy > 0 ? `.${input.copy}` : ''}@${sender.host}>`,
    // No mail has this id: mail programs group by it all the same, whichever alert came first or was lost.
    references: root,
    inReplyTo: root,
    date: input.date,
    others: {
      // RFC 3834 §5, and Exchange's own header: no automatic reply.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'OOF, AutoReply',
      'Content-Language': token('locale', input.locale),
      // A provider may put a Message-ID of its own in place of ours: by this one we know the mail again (`mail-checks/`).
      [DELIVERY_HEADER]: token('delivery id', input.deliveryId),
      ...unsubscribe(input.unsubscribeUrl),
    },
  };
}

/** The same for people to read, with the recipient masked. */
export function shownHeaders(input: AlertHeadersInput): Record<string, string> {
  const { from, to, messageId, references, inReplyTo, others } = alertHeaders(input);
  return {
    From: from.name === '' ? from.address : `${from.name} <${from.address}>`,
    To: maskAddress(to.address),
    'Message-ID': messageId,
    References: references,
    'In-Reply-To': inReplyTo,
    ...others,
  };
}

/** Stable id of the thread of one ticket. Hashed, since another system's ticket id may hold what a Message-ID must not. */
export function threadRoot(ticket: { system: string; id: string }, host: string): string {
  const hash = createHash('sha256').update(`${ticket.system}\n${ticket.id}`).digest('hex').slice(0, 32);
  return `<ticket.${hash}@${host}>`;
}

function unsubscribe(url: string | undefined): Record<string, string> {
  if (url === undefined) return {};
  if (!/^https?:\/\/[!-;=?-~]+$/.test(url)) {
    throw new EmailError('invalid_header', 'The unsubscribe link must be a plain http(s) URL; check PUBLIC_URL.');
  }
  const link = { 'List-Unsubscribe': `<${url}>` };
  // RFC 8058 §3.1 allows one click over https only.
  return url.startsWith('https:') ? { ...link, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : link;
}

function plain(what: string, value: string): string {
  if (hasControlCharacter(value)) {
    throw new EmailError('invalid_header', `The ${what} holds a line break or another control character; remove it.`);
  }
  return value;
}

function token(what: string, value: string): string {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(value)) {
    throw new EmailError('invalid_header', `The ${what} may hold only letters, digits, dots and dashes.`);
  }
  return value;
}
