/** One header field, in the characters that stand for its bytes (latin1). */
export interface Field {
  /** In lower case. */
  readonly name: string;
  /** All lines of it, name included, without the last line break. */
  readonly raw: string;
}

/** A mail, read as far as a check needs it. Lines end with CRLF, whatever a mail program has made of them. */
export interface Message {
  readonly fields: readonly Field[];
  /** Null: only the header was sent. */
  readonly body: string | null;
}

/** What real mails have, several times over. Nobody should make us look at more. */
const MAX_FIELDS = 200;
const MAX_HEADER_LENGTH = 64 * 1024;
/** RFC 5322 §2.2: printable ASCII without the colon. */
const NAME = /^[!-9;-~]{1,76}$/;
const LINE_BREAK = '\r\n';

/**
 * Reads the bytes of a mail as they are saved by a mail program, which may have changed the line breaks. Null: it is none. Everything
 * is done in one pass over the text.
 */
export function readMessage(bytes: Buffer): Message | null {
  const text = bytes
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .replace(/\r\n?|\n/g, LINE_BREAK);
  const start = startOf(text);
  const end = text.indexOf(LINE_BREAK + LINE_BREAK, start);
  const header = end < 0 ? text.slice(start) : text.slice(start, end);
  const fields = header.length > MAX_HEADER_LENGTH ? null : fieldsOf(header);
  if (!fields) return null;
  const body = end < 0 ? '' : text.slice(end + 2 * LINE_BREAK.length);
  return { fields, body: body === '' ? null : body };
}

/** Behind empty lines and the line that begins each mail in a mailbox file (`From jana@example.com Mon …`). */
function startOf(text: string): number {
  let start = 0;
  while (text.startsWith(LINE_BREAK, start)) start += LINE_BREAK.length;
  if (!text.startsWith('From ', start)) return start;
  const end = text.indexOf(LINE_BREAK, start);
  return end < 0 ? text.length : end + LINE_BREAK.length;
}

function fieldsOf(header: string): Field[] | null {
  const fields: { name: string; raw: string }[] = [];
  for (const line of header.split(LINE_BREAK)) {
    const last = fields.at(-1);
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (!last) return null;
      last.raw += LINE_BREAK + line;
    } else if (line !== '') {
      const name = line.slice(0, Math.max(0, line.indexOf(':'))).trimEnd();
      if (!NAME.test(name) || fields.length === MAX_FIELDS) return null;
      fields.push({ name: name.toLowerCase(), raw: line });
    }
  }
  return fields.length > 0 ? fields : null;
}

/** What stands behind the name, as it is. */
export function contentOf({ raw }: Field): string {
  return raw.slice(raw.indexOf(':') + 1);
}

/** The value of a field that is there once, on one line; null: it is missing, or there twice, so that two readers may see two things. */
export function onlyValue({ fields }: Message, name: string): string | null {
  const [first, ...others] = fields.filter((field) => field.name === name);
  if (!first || others.length > 0) return null;
  return contentOf(first).replaceAll(LINE_BREAK, '').trim();
}
