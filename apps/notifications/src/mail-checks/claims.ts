import { normaliseAddress } from '@bellhop/contracts/persons';
import { addressParser, decodeWords } from 'postal-mime';
import { DELIVERY_HEADER } from '../channels/email/headers.js';
import { type Message, onlyValue } from './message.js';

/** What a mail says about itself. Anybody can write such a mail. */
export interface Claims {
  /** Normalised. */
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** The delivery that it says it is of. */
  readonly deliveryId: string | null;
  /** The fields that name this delivery, in lower case. */
  readonly idFields: readonly string[];
  /** The first mail of the thread that it says it belongs to. */
  readonly inReplyTo: string | null;
}

/** RFC 5322 §2.1.1. What is longer is none of ours. */
const MAX_VALUE_LENGTH = 998;
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** `<id@host>`, or `<id.2@host>` of a copy. */
const MESSAGE_ID = new RegExp(`^<(${UUID})(?:\\.\\d{1,6})?@([a-z0-9.-]{1,253})>$`);
const DELIVERY_ID = new RegExp(`^(${UUID})$`);

/**
 * Null: a field that each of our mails has once is missing, there twice, or unreadable.
 * @param host of our sender
 */
export function claimsOf(message: Message, host: string): Claims | null {
  const [from, to, subject] = ['from', 'to', 'subject'].map((name) => shortValue(message, name));
  const [sender, recipient] = [onlyAddress(from), onlyAddress(to)];
  if (!sender || !recipient || !subject) return null;
  const inReplyTo = shortValue(message, 'in-reply-to');
  return { from: sender, to: recipient, subject: decodeWords(subject), inReplyTo, ...deliveryOf(message, host) };
}

/** By our own header; where a server has dropped it, by our Message-ID. Providers give mails ids of their own, and some of them are UUIDs, too. */
function deliveryOf(message: Message, host: string): Pick<Claims, 'deliveryId' | 'idFields'> {
  const header = DELIVERY_HEADER.toLowerCase();
  const [, named] = DELIVERY_ID.exec(shortValue(message, header)?.toLowerCase() ?? '') ?? [];
  const [, id, at] = MESSAGE_ID.exec(shortValue(message, 'message-id')?.toLowerCase() ?? '') ?? [];
  const ours = at === host.toLowerCase() ? id : undefined;
  const deliveryId = named ?? ours ?? null;
  const idFields = [...(named ? [header] : []), ...(ours && ours === deliveryId ? ['message-id'] : [])];
  return { deliveryId, idFields };
}

function shortValue(message: Message, name: string): string | null {
  const value = onlyValue(message, name);
  return value !== null && value.length <= MAX_VALUE_LENGTH ? value : null;
}

/** One plain address, with or without a name. */
function onlyAddress(value: string | null | undefined): string | null {
  const [one, ...others] = value ? addressParser(value) : [];
  return one?.address?.includes('@') && others.length === 0 ? normaliseAddress(one.address) : null;
}

/** When an id of Postgres was made, in milliseconds since 1970 (UUID version 7, RFC 9562 §5.7); null for another one. */
export function timeOf(id: string): number | null {
  return id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : null;
}
