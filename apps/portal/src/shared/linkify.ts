import { LinkifyIt } from 'linkify-it';

/** A piece of a text. With `href`, a link; with `host`, its real host looks different from what is written. */
export interface Piece {
  readonly text: string;
  readonly href?: string;
  readonly host?: string;
}

const linkify = new LinkifyIt({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
for (const schema of ['http:', 'ftp:', 'mailto:', '//']) linkify.add(schema, null);

/** Only what is written as `https://…` becomes a link, and it is shown as it was written. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { index, lastIndex, text: written } of linkify.match(text) ?? []) {
    // `https://bank.example@evil.example` shows one host and leads to another.
    const link = /^[^\s/?#]*@/.test(text.slice(lastIndex)) ? null : linkOf(written);
    if (!link) continue;
    if (index > end) pieces.push({ text: text.slice(end, index) });
    pieces.push(link);
    end = lastIndex;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

function linkOf(written: string): Piece | null {
  if (!URL.canParse(written)) return null;
  const url = new URL(written);
  if (url.protocol !== 'https:' || url.username || url.password) return null;
  const isShown = written.toLowerCase().startsWith(`https://${url.host}`);
  return { text: written, href: url.href, ...(isShown ? {} : { host: url.host }) };
}
