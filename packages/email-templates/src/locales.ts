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

/** A new language is a catalog and a line here. */
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

const byTag = new Map<string, Locale>();
for (const locale of locales) byTag.set(languageOf(locale), locale);
for (const locale of locales) byTag.set(locale.toLowerCase(), locale);

/** The language to write in: the tag itself, else its language (`pl-PL` → `pl`, any `zh` → `zh-CN`), else English. */
export function resolveLocale(tag?: string): Locale {
  if (tag === undefined) return 'en';
  const wanted = tag.toLowerCase();
  return byTag.get(wanted) ?? byTag.get(languageOf(wanted)) ?? 'en';
}

/** POSIX writes `pl_PL.UTF-8` what BCP 47 writes `pl-PL`; both arrive. */
function languageOf(tag: string): string {
  return tag.split(/[-_.]/, 1)[0] ?? tag;
}
