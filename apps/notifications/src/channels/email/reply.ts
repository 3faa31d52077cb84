/** What a mail server replied (RFC 5321 §4.2): to us over SMTP, or to Resend, which quotes it in its report of a bounce. */
export interface SmtpReply {
  code: number;
  /** Enhanced status (RFC 3463), such as `5.1.1`. */
  status?: string;
  text: string;
}

const MAX_DETAIL_CHARACTERS = 200;
const MAX_RETRY_AFTER_MS = 3_600_000;

/** At the beginning of a line, or in brackets somewhere, as older servers write it: `550 no mailbox here (#5.1.1)`. */
const STATUS = /^#?([245]\.\d{1,3}\.\d{1,3})(?=[\s:]|$)|[([]#?([245]\.\d{1,3}\.\d{1,3})[)\]]/;

/** Reads a reply of one or several lines. Undefined if it does not begin with a reply code. */
export function parseReply(raw: string | undefined): SmtpReply | undefined {
  const code = /^[2-5]\d{2}(?=[ -]|$)/.exec(raw ?? '')?.[0];
  if (!raw || !code) return undefined;
  const lines = raw.split(/\r?\n/).map((line) => line.replace(/^\d{3}[ -]?/, ''));
  const [, leading, bracketed] = lines.map((line) => STATUS.exec(line)).find((match) => match !== null) ?? [];
  const status = leading ?? bracketed;
  // Another status on a later line stays: it may contradict.
  const text = lines.map((line) => (leading ? withoutStatus(line, leading) : line)).join(' ');
  return { code: Number(code), ...(status && { status }), text };
}

function withoutStatus(line: string, status: string): string {
  const [begin = ''] = /^#?[245]\.\d{1,3}\.\d{1,3}:?\s*/.exec(line) ?? [];
  return begin.replace(/[#:\s]/g, '') === status ? line.slice(begin.length) : line;
}

/**
 * `code: 550 5.1.1 User unknown`, fit to be stored and logged: one short line without any address. Servers often repeat the
 * recipient, with or without the host, so its local part is removed, too.
 */
export function summarise(code: string, reply: SmtpReply | undefined, recipient: string): string {
  return reply
    ? `${code}: ${[reply.code, reply.status, redact(reply.text, recipient)].filter(Boolean).join(' ')}`
    : code;
}

export function redact(text: string, recipient: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they do not belong in a log line
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return withoutName(withoutAddresses(plain, ADDRESS), recipient, ADDRESS)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_DETAIL_CHARACTERS);
}

const ADDRESS = '<address>';

export function withoutAddresses(text: string, instead: string): string {
  return text.replace(/[^\s<>()[\]"',;:]+(?:@|%40|=40)[^\s<>()[\]"',;]+/gi, instead);
}

/** Replaces the recipient's local part where it is a word of its own. */
export function withoutName(text: string, recipient: string, instead: string): string {
  const name = recipient.slice(0, recipient.lastIndexOf('@'));
  // Compiling the expression costs more than the rest of an attempt, and most replies to a taken mail say only "ok".
  if (name === '' || !text.toLowerCase().includes(name.toLowerCase())) return text;
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escapeRegExp(name)}(?![\\p{L}\\p{N}])`, 'giu'), instead);
}

/** How long the server asks us to wait, when its text says so ("try again in 300 seconds"); at most one hour. */
export function retryAfterMs(reply: SmtpReply): number | undefined {
  const [, amount, unit] = /\b(?:in|after|for)\s+(\d{1,6})\s*(s|m|h)(?:ec|in|our|\b)/i.exec(reply.text) ?? [];
  if (!amount || !unit) return undefined;
  const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 }[unit.toLowerCase()] ?? 1_000;
  return Math.min(Number(amount) * unitMs, MAX_RETRY_AFTER_MS);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
