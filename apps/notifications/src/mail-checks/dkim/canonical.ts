import { contentOf, type Field } from '../message.js';

/** How much of the spelling of a mail its signature allows to change (RFC 6376 §3.4). */
export type Canonicalization = 'simple' | 'relaxed';

const LINE_BREAK = '\r\n';

/** A field as it is signed, without a line break behind it. */
export function canonicalField(field: Field, kind: Canonicalization): string {
  if (kind === 'simple') return field.raw;
  const value = collapsed(contentOf(field).replaceAll(LINE_BREAK, ''));
  return `${field.name}:${value.slice(value.startsWith(' ') ? 1 : 0, value.endsWith(' ') ? -1 : undefined)}`;
}

/** A body as it is signed. */
export function canonicalBody(body: string, kind: Canonicalization): string {
  const text = kind === 'simple' ? body : relaxed(body);
  let end = text.length;
  while (text.endsWith(LINE_BREAK, end)) end -= LINE_BREAK.length;
  // Only the simple form gives an empty body a line.
  return end === 0 && kind === 'relaxed' ? '' : text.slice(0, end) + LINE_BREAK;
}

function relaxed(body: string): string {
  const text = collapsed(body).replaceAll(` ${LINE_BREAK}`, LINE_BREAK);
  return text.endsWith(' ') ? text.slice(0, -1) : text;
}

/** Blanks and tabs only: other white space of JavaScript is part of a letter in UTF-8. */
function collapsed(text: string): string {
  return text.replace(/[ \t]+/g, ' ');
}
