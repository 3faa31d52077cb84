import { Problem } from './problems.js';

/** https://resend.com/docs/api-reference/emails/send-email and …/send-batch-emails */
const MOST_RECIPIENTS = 50;
const MOST_IN_BATCH = 100;

/** What a request asks to be sent: lists where the API takes one or several, null where it was left out. */
export interface EmailRequest {
  from: string;
  to: string[];
  cc: string[] | null;
  bcc: string[] | null;
  replyTo: string[] | null;
  subject: string;
  html: string | null;
  text: string | null;
  headers: Record<string, string>;
  tags: Record<string, string>;
}

const ADDRESS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;
const TAG = /^[A-Za-z0-9_-]{1,256}$/;
const FORMAT = 'An address is written `email@example.com` or `Name <email@example.com>`.';

/** @throws Problem that names the field */
export function readEmail(value: unknown): EmailRequest {
  if (!isObject(value)) throw new Problem('validation_error', 'An email is an object.');
  const from = requiredText(value, 'from');
  if (addressOf(from) === undefined) throw new Problem('invalid_from_address', `Invalid \`from\` field. ${FORMAT}`);
  if (value.to === undefined || value.to === null) throw missing('to');
  const to = addresses(value.to, 'to');
  if (to.length === 0) throw missing('to');
  const subject = requiredText(value, 'subject');
  const html = optionalText(value, 'html');
  const text = optionalText(value, 'text');
  if (html === null && text === null) throw missing('html` or `text');
  return {
    from,
    to,
    cc: optionalAddresses(value, 'cc'),
    bcc: optionalAddresses(value, 'bcc'),
    replyTo: optionalAddresses(value, 'reply_to'),
    subject,
    html,
    text,
    headers: readHeaders(value.headers),
    tags: readTags(value.tags),
  };
}

/** @throws Problem when it is no batch at all; what is wrong with a single mail in it is not looked at */
export function readBatch(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Problem('validation_error', 'A batch is an array of emails.');
  if (value.length === 0) throw new Problem('validation_error', 'A batch holds at least one email.');
  if (value.length > MOST_IN_BATCH)
    throw new Problem('validation_error', `A batch holds at most ${MOST_IN_BATCH} emails, this one ${value.length}.`);
  return value;
}

/** The bare address in `Name <address>` or `address`, undefined if that is no address. */
export function addressOf(mailbox: string): string | undefined {
  const named = /^[^<>\r\n]*<([^<>]+)>$/.exec(mailbox.trim());
  const address = named?.[1] ?? mailbox.trim();
  return address.length <= 254 && ADDRESS.test(address) ? address : undefined;
}

function addresses(value: unknown, field: string): string[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.length > MOST_RECIPIENTS)
    throw new Problem('validation_error', `The \`${field}\` field holds at most ${MOST_RECIPIENTS} addresses.`);
  for (const item of list)
    if (typeof item !== 'string' || addressOf(item) === undefined)
      throw new Problem('validation_error', `Invalid \`${field}\` field. ${FORMAT}`);
  return list;
}

function optionalAddresses(value: Record<string, unknown>, field: string): string[] | null {
  return value[field] === undefined || value[field] === null ? null : addresses(value[field], field);
}

function requiredText(value: Record<string, unknown>, field: string): string {
  const text = optionalText(value, field);
  if (text === null || text === '') throw missing(field);
  return text;
}

function optionalText(value: Record<string, unknown>, field: string): string | null {
  const text = value[field] ?? null;
  if (text === null || typeof text === 'string') return text;
  throw new Problem('validation_error', `The \`${field}\` field is a string.`);
}

function readHeaders(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  const isFine = (text: unknown) => typeof text === 'string' && !/[\r\n]/.test(text);
  if (!isObject(value) || !Object.entries(value).flat().every(isFine))
    throw new Problem('validation_error', 'The `headers` field is an object of strings without line breaks.');
  return value as Record<string, string>;
}

function readTags(value: unknown): Record<string, string> {
  const tags: Record<string, string> = {};
  if (value === undefined || value === null) return tags;
  if (!Array.isArray(value)) throw new Problem('validation_error', 'The `tags` field is an array.');
  for (const tag of value) {
    if (!isObject(tag) || !isTagText(tag.name) || !isTagText(tag.value))
      throw new Problem(
        'validation_error',
        'A tag has a `name` and a `value` of ASCII letters, numbers, underscores and dashes, at most 256 of them.',
      );
    tags[tag.name] = tag.value;
  }
  return tags;
}

function isTagText(value: unknown): value is string {
  return typeof value === 'string' && TAG.test(value);
}

function missing(field: string): Problem {
  return new Problem('missing_required_field', `The \`${field}\` field is missing.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
