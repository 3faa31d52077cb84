import { contentOf, type Field } from '../message.js';

/** How much of the spelling of a mail its signature allows to change (RFC 6376 §3.4). */
export type Canonicalization = 'simple' | 'relaxed';

const LINE_BREAK = '\r\n';

/** A field as it is signed, without a line break behind it. */
export function canonicalField(field: Field, kind: Canonicalization): string {
  if (kind === 'simple') return field.raw;
  return `${field.name}:${collapsed(contentOf(field).replaceAll(LINE_BREAK, '')).trim()}`;
}

/** A body as it is signed. */
export function canonicalBody(body: string, kind: Canonicalization): string {
  const lines = body.split(LINE_BREAK);
  const kept = kind === 'simple' ? lines : lines.map((line) => collapsed(line).trimEnd());
  let end = kept.length;
  while (end > 0 && kept[end - 1] === '') end--;
  const text = kept.slice(0, end).join(LINE_BREAK);
  // Only the simple form gives an empty body a line.
  return text === '' && kind === 'relaxed' ? '' : text + LINE_BREAK;
}

function collapsed(text: string): string {
  return text.replace(/[ \t]+/g, ' ');
}
