import { domainToASCII, domainToUnicode } from 'node:url';
import { EmailError, type EmailErrorCode } from './email.errors.js';

/** Someone in a header. `name` is empty for recipients: what is not in the mail cannot be abused. */
export interface Mailbox {
  name: string;
  address: string;
}

/** Who our mails come from, and where bounces go. */
export interface Sender {
  from: Mailbox;
  /** Envelope sender (RFC 5321 reverse-path). */
  bounce: string;
  /** Host of the From address; the right-hand side of our Message-IDs. */
  host: string;
}

// RFC 5322 §3.2.3 dot-atom: no quoted strings, comments, lists or groups, which is where header injection begins.
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * One plain address, as it goes into `RCPT TO` and `To`: an ASCII local part and a host name, an international one in its
 * ASCII form. Everything else is refused rather than repaired, so that no second reader can understand it differently.
 * @throws EmailError `invalid_address`; the message does not repeat the address.
 */
export function parseAddress(text: string): string {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const host = asciiHost(text.slice(at + 1));
  const address = `${local}@${host}`;
  // RFC 5321 §4.5.3.1: 64 octets of local part, 254 of the whole.
  if (at < 1 || local.length > 64 || address.length > 254 || !LOCAL_PART.test(local) || !isHostName(host)) {
    throw new EmailError('invalid_address', 'The address is not of the form name@host; correct it at its source.');
  }
  return address;
}

/**
 * Reads EMAIL_FROM (`support@example.com` or `Example Support <support@example.com>`) and EMAIL_BOUNCE.
 * @throws EmailError `invalid_email_from` or `invalid_email_bounce`, at start-up.
 */
export function parseSender(settings: { from: string; bounce?: string | undefined }): Sender {
  const from = parseMailbox(settings.from);
  const bounce = settings.bounce
    ? named('invalid_email_bounce', 'EMAIL_BOUNCE', 'bounces@example.com', settings.bounce, parseAddress)
    : from.address;
  return { from, bounce, host: from.address.slice(from.address.lastIndexOf('@') + 1) };
}

/** A host name in ASCII (RFC 1123 §2.1), of one label or more. */
export function isHostName(text: string): boolean {
  return HOST_NAME.test(text);
}

/** True when a value would end its header line, or hide something in it. */
export function hasControlCharacter(text: string): boolean {
  return CONTROL_CHARACTER.test(text);
}

function parseMailbox(text: string): Mailbox {
  const example = 'Example Support <support@example.com>';
  return named('invalid_email_from', 'EMAIL_FROM', example, text.trim(), (value) => {
    const [, quoted, plain, bracketed] = /^(?:"([^"\\<>]*)"|([^"<>]*?))\s*<([^<>]*)>$/.exec(value) ?? [];
    const name = (quoted ?? plain ?? '').trim();
    if (hasControlCharacter(name)) throw new EmailError('invalid_header', 'The name holds a control character.');
    return { name, address: parseAddress(bracketed ?? value) };
  });
}

function named<T>(
  code: EmailErrorCode,
  setting: string,
  example: string,
  value: string,
  parse: (text: string) => T,
): T {
  try {
    return parse(value);
  } catch (cause) {
    throw new EmailError(code, `${setting} must be one e-mail address, for example: ${setting}="${example}".`, {
      cause,
    });
  }
}

/** The A-label form, or the host as it is. A host that the mapping would silently change is left to be refused. */
function asciiHost(host: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: "all ASCII" begins at NUL
  if (/^[\u0000-\u007f]*$/.test(host)) return host;
  const ascii = domainToASCII(host);
  return domainToUnicode(ascii) === host.toLowerCase() ? ascii : host;
}
