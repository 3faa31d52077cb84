import { de } from './catalogs/de.js';
import { type Catalog, en } from './catalogs/en.js';
import { pl } from './catalogs/pl.js';
import { zhCN } from './catalogs/zh-CN.js';

export type Locale = 'en' | 'de' | 'pl' | 'zh-CN';

interface Language {
  catalog: Catalog;
  /** Whose habits dates follow. British for English: day before month and 24 hours are read alike everywhere. */
  dates: string;
  direction: 'ltr' | 'rtl';
  /** Fonts of the script, put behind the system's own; empty where those suffice. */
  fonts: string;
}

/** What else a new language needs: docs/how-to/change-a-mail.md. */
export const languages: Record<Locale, Language> = {
  en: { catalog: en, dates: 'en-GB', direction: 'ltr', fonts: '' },
  de: { catalog: de, dates: 'de-DE', direction: 'ltr', fonts: '' },
  pl: { catalog: pl, dates: 'pl-PL', direction: 'ltr', fonts: '' },
  'zh-CN': {
    catalog: zhCN,
    dates: 'zh-CN',
    direction: 'ltr',
    fonts: "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',",
  },
};

export const locales = Object.keys(languages) as Locale[];

/** Language and script that each is written in: `zh-Hans`. */
const byScript = new Map(locales.map((locale) => [scriptOf(locale), locale]));

const resolved = new Map<string, Locale>();
/** Bounds the cache: tags come from outside and can be anything. */
const MAX_RESOLVED = 2_000;

/**
 * The language to write in: the one that is written as the tag's is, else English. `pl-PL` is `pl`, `zh-SG` is `zh-CN`; `zh-TW`
 * and `zh-HK` are written in another script than `zh-CN`, and a reader of theirs is better served by English.
 */
export function resolveLocale(tag?: string): Locale {
  if (tag === undefined) return 'en';
  const known = resolved.get(tag);
  if (known) return known;
  const locale = byScript.get(scriptOf(tag)) ?? 'en';
  if (resolved.size < MAX_RESOLVED) resolved.set(tag, locale);
  return locale;
}

/** POSIX writes `pl_PL.UTF-8` what BCP 47 writes `pl-PL`. Empty if it is no valid tag. */
function scriptOf(tag: string): string {
  try {
    const { language, script } = new Intl.Locale(tag.replaceAll('_', '-').split(/[.@]/, 1)[0] ?? '').maximize();
    return `${language}-${script}`;
  } catch {
    return '';
  }
}
