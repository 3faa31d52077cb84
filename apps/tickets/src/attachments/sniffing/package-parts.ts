import type { Bytes } from './bytes.js';
import { Refused, type Why } from './refused.js';
import { contentOf, type Entry } from './zip-archive.js';

/** A large document names some hundred parts, in some tens of kilobytes. */
const MAX_PART_BYTES = 1024 * 1024;
const MAX_TOTAL_BYTES = 8 * 1024 * 1024;

/** Content types and kinds of relationships (ECMA-376, part 2, and MS-OFFMACRO, MS-XLSB), whatever their part is called. */
const KINDS: readonly (readonly [RegExp, Why])[] = [
  [/vbaproject|macroenabled|macrosheet|wordvba|activex|ctrlprops?\b|customui/, 'macros'],
  [/oleobject/, 'embedded'],
];
/** What is loaded without being asked for. Pictures and links to other tables are asked for, or harm nobody. */
const LOADED = /\/(?:attachedtemplate|frame|subdocument|afchunk|control|mailmergesource|recipientdata)$/;
/** With whole attributes, in which `>` may stand. What is not quoted holds no `<`, so that none is read to the end of the file. */
const RELATIONSHIP = /<(?:[\w.-]+:)?relationship\b(?:[^"'<>]|"[^"]*"|'[^']*')*>/g;
const ATTRIBUTE = /\s([^\s"'=<>/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
/** On this computer: `file:///C:/Templates/a.dotm`, `file:///Users/a.dotm`, `a.dotm`. Two slashes or backslashes name another one. */
const REMOTE = /^\s*(?!file:\/\/(?:\/(?![\\/%])|[a-z]:))(?:[a-z][a-z0-9+.-]+:|[\\/]{2})/;

/**
 * What a package says of its parts, in its content types and relationships: programs go by these, not by names. Null when there is
 * nothing to say against it.
 */
export async function refusalOfParts(bytes: Bytes, entries: readonly Entry[]): Promise<Refused | null> {
  const described = entries.filter(
    ({ name }) => name === '[content_types].xml' || /(?:^|\/)_rels\/[^/]*\.rels$/.test(name),
  );
  let totalBytes = 0;
  for (const entry of described) {
    const content = await contentOf(bytes, entry, MAX_PART_BYTES);
    totalBytes += content?.length ?? 0;
    const text = content && totalBytes <= MAX_TOTAL_BYTES ? xmlOf(content) : null;
    if (text === null) return new Refused('unreadable');
    const why = whyNot(text);
    if (why) return new Refused(why);
  }
  return null;
}

function whyNot(xml: string): Why | null {
  const kind = KINDS.find(([pattern]) => pattern.test(written(withoutTargets(xml))));
  if (kind) return kind[1];
  return (xml.match(RELATIONSHIP) ?? []).some(isLoadedFromElsewhere) ? 'remote' : null;
}

/** An address in a document may hold any word. */
function withoutTargets(xml: string): string {
  return xml.replace(/\starget\s*=\s*(?:"[^"]*"|'[^']*')/g, '');
}

function isLoadedFromElsewhere(relationship: string): boolean {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single] of relationship.matchAll(ATTRIBUTE)) {
    attributes.set(name, written(double ?? single ?? ''));
  }
  const attribute = (name: string) => attributes.get(name) ?? '';
  return attribute('targetmode') === 'external' && LOADED.test(attribute('type')) && REMOTE.test(attribute('target'));
}

/** In small letters; null for what packages must not hold (part 2, §8.5.2). */
function xmlOf(content: Buffer): string | null {
  const text = content.toString('utf8').toLowerCase();
  return text.includes('\0') || text.includes('<!doctype') || text.includes('\ufffd') ? null : text;
}

/** With characters written out, small. Only once it is known where a value ends: a quote may be one of them. */
function written(text: string): string {
  return text
    .replace(/&#(x?)0*([0-9a-f]{1,6});/g, (_, isHex, digits) => characterOf(Number.parseInt(digits, isHex ? 16 : 10)))
    .toLowerCase();
}

function characterOf(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
