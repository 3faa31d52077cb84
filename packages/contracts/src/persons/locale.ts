import { z } from 'zod';

/** Longer ones are nonsense; what stands at their beginning may still be read. */
const MAX_LENGTH = 64;
/** Nothing that can be seen: blanks, joiners, marks of direction. */
const UNSEEN = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}]/gu;
/** As `setlocale` of Windows names languages: `German_Germany.1252`. Those that we write, and whose script is certain. */
const NAMES = new Map(Object.entries({ english: 'en', german: 'de', polish: 'pl', c: 'en', posix: 'en' }));

const read = new Map<string, string | undefined>();
/** More than all languages with all countries that people really have; what comes from strangers must not grow for ever. */
const MAX_READ = 2_000;

/**
 * The language, script and region that a tag names, as BCP 47 writes them: `pl_PL.UTF-8` → `pl-PL`, `zh-Hant-TW-u-nu-hant` →
 * `zh-Hant-TW`, `de@euro` → `de`. What comes behind and makes no sense is left out. Undefined: nothing of it can be read.
 * The underscore is what OpenID Connect Core §5.1 tells readers to expect.
 */
export function readLocale(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (read.has(value)) return read.get(value);
  const tag = localeOf(value);
  if (value.length > MAX_LENGTH) return tag;
  // The oldest goes: nonsense must not hold its place for ever.
  if (read.size >= MAX_READ) read.delete(read.keys().next().value as string);
  read.set(value, tag);
  return tag;
}

function localeOf(value: string): string | undefined {
  // A list of preferences (`de-DE,de;q=0.9`), an encoding or a modifier of POSIX ends the tag.
  const [written = ''] = value
    .slice(0, MAX_LENGTH)
    .replace(UNSEEN, '')
    .split(/[.@,;:]/, 1);
  const subtags = written.replaceAll('_', '-').split('-').filter(Boolean);
  const name = NAMES.get(subtags[0]?.toLowerCase() ?? '');
  if (name) return name;
  // `zh-cmn-Hant`: the language within a language is the same as the language by itself, or has no text of its own.
  if (/^[a-z]{3}$/i.test(subtags[1] ?? '') && subtags.length > 1) subtags.splice(1, 1);
  for (let count = subtags.length; count > 0; count--) {
    const tag = canonical(subtags.slice(0, count).join('-'));
    if (tag) return tag;
  }
  return undefined;
}

function canonical(tag: string): string | undefined {
  try {
    const { language, script, region } = new Intl.Locale(tag);
    // Registered languages have two or three letters.
    return language.length > 3 ? undefined : [language, script, region].filter(Boolean).join('-');
  } catch {
    return undefined;
  }
}

/** Only shows how mails look: what cannot be read is left out, and never a reason to refuse. */
export const locale = z
  .unknown()
  .transform(readLocale)
  .meta({
    $comment: 'a language tag such as "pl" or "pl-PL"',
    description:
      'Language of the alerts, a BCP 47 tag; other spellings (`pl_PL.UTF-8`) are read as far as they can be. Without it, or without sense: English.',
    examples: ['pl'],
  });
