import {
  BAD_ADDRESS,
  CLOSED,
  DNS,
  DOUBT,
  MAILBOX_FULL,
  NO_DOMAIN,
  NOBODY,
  QUOTA,
  RECEIVING,
  SENDER,
  SETUP,
  says,
  TEMPORARY,
  TOO_FAST,
} from './refusal-words.js';
import { type SmtpReply, withoutAddresses, withoutName } from './reply.js';

/**
 * What a refusal is about.
 * - `no_mailbox`: the mailbox does not exist. Status and words agree, and nothing contradicts.
 * - `mailbox_full`, `too_fast`, `temporary`: it may end by itself, whatever the code is.
 * - `sender`, `setup`, `quota`: about us, not about this mail. It ends when an operator acts.
 * - `unclear`: everything else, such as content and the recipient's own filters.
 */
export type Refusal =
  | 'no_mailbox'
  | 'mailbox_full'
  | 'too_fast'
  | 'temporary'
  | 'sender'
  | 'setup'
  | 'quota'
  | 'unclear';

/** Exchange: this sender may not write to this recipient. A setting of the recipient, although the text names authentication. */
const RESTRICTED = /^5\.7\.1[23]\d$/;
/** The sender's address or domain, SPF, DKIM, DMARC, a sender with a null MX (RFC 3463, RFC 7372, RFC 7505; Exchange's own). */
const ABOUT_SENDER = /^[45]\.(?:1\.[78]|7\.(?:2[0-4679]|509|515|60))$/;
/** Login or encryption required (RFC 4954 §6), our reverse DNS, and Exchange's for a relay and for banned networks. */
const ABOUT_SETUP = /^[45]\.7\.(?:8|9|11|25|64|57|60[6-9]|6[1-4]\d)$/;
const LOGIN_CODES = [530, 534, 535, 538];
/** X.1.1 mailbox, X.1.2 host, X.1.3 syntax, X.1.6 moved, X.1.10 null MX (RFC 3463, RFC 7505). */
const NO_ADDRESS = /^5\.1\.(?:1|2|3|6|10)$/;
const NO_HOST = /^5\.1\.(?:2|10)$/;
const DISABLED = /^5\.2\.1$/;
const SAYS_NOTHING = /^5\.[01]\.0$/;
/** Codes that can be about the mailbox where no status says so (RFC 5321 §4.2.3). */
const MAILBOX_CODES = [550, 551, 553, 554];
/** Words of a limit that this one mail exceeds. */
const ABOUT_THIS_MAIL = /\b(?:size|large|big|length|long|bytes|hops?|loop|spam|virus|content|attachments?)\b/i;
const LONGEST_TEXT_CHARACTERS = 2_000;

/**
 * Reads a 4xx or 5xx reply. Pure.
 * @param recipient servers repeat it: its name must not be read as their words
 */
export function refusalOf(reply: SmtpReply, recipient: string): Refusal {
  const { code, status = '' } = reply;
  const text = wordsOf(reply);
  if (RESTRICTED.test(status)) return 'unclear';
  const checks =
    code < 500 || status.startsWith('4.') ? [limit, temporary, sender, setup] : [sender, limit, setup, temporary];
  for (const check of checks) {
    const refusal = check(code, status, text);
    if (refusal) return refusal;
  }
  return isNobodyThere(reply, text, recipient) ? 'no_mailbox' : 'unclear';
}

type Check = (code: number, status: string, text: string) => Refusal | undefined;

const sender: Check = (_code, status, text) =>
  ABOUT_SENDER.test(status) || says(SENDER, text) || (!NO_HOST.test(status) && says(DNS, text)) ? 'sender' : undefined;

/** A limit of the mailbox, of our account or of our rate. X.3 and X.4 are about the server, not the mailbox. */
const limit: Check = (code, status, text) => {
  if (/^[45]\.2\.2$/.test(status)) return 'mailbox_full';
  if (says(QUOTA, text) && !says(RECEIVING, text)) return 'quota';
  if (!/^[45]\.[34]\./.test(status) && says(MAILBOX_FULL, text)) return 'mailbox_full';
  if (ABOUT_THIS_MAIL.test(text)) return undefined;
  if (/^[45]\.7\.28$/.test(status) || says(TOO_FAST, text)) return 'too_fast';
  return code === 552 && (status === '' || SAYS_NOTHING.test(status)) ? 'mailbox_full' : undefined;
};

const setup: Check = (code, status, text) =>
  LOGIN_CODES.includes(code) ||
  ABOUT_SETUP.test(status) ||
  says(SETUP, text) ||
  // GMX and WEB.DE mean the server that sends.
  (code > 504 && status !== '5.1.3' && /\bsyntax error\b/i.test(text))
    ? 'setup'
    : undefined;

const temporary: Check = (code, status, text) =>
  (code >= 500 && status.startsWith('4.')) || says(TEMPORARY, text) ? 'temporary' : undefined;

function isNobodyThere({ code, status }: SmtpReply, text: string, recipient: string): boolean {
  const said = withoutName(text, recipient, '~');
  if (says(DOUBT, said)) return false;
  const statuses = [...(status ? [status] : []), ...(said.match(/(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])/g) ?? [])];
  const has = (kind: RegExp) => statuses.some((one) => kind.test(one));
  if (has(NO_ADDRESS) || has(DISABLED)) {
    const agrees = (one: string) => [NO_ADDRESS, DISABLED, SAYS_NOTHING].some((kind) => kind.test(one));
    if (!statuses.every(agrees)) return false;
    return says([...NOBODY, ...CLOSED], said) || (has(NO_ADDRESS) && says([...BAD_ADDRESS, ...NO_DOMAIN], said));
  }
  if (!MAILBOX_CODES.includes(code) || !statuses.every((one) => SAYS_NOTHING.test(one))) return false;
  return says(NOBODY, said) || (/\brecipient\b/i.test(said) && says(NO_DOMAIN, said));
}

/** The server's own words: `@` for each address, and of links only the host. */
function wordsOf({ text }: SmtpReply): string {
  return withoutAddresses(text.slice(0, LONGEST_TEXT_CHARACTERS).replace(/https?:\/\/([\w.-]*)\S*/gi, '$1'), '@');
}
