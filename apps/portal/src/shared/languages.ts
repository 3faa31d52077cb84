export type Language = 'en' | 'de' | 'pl' | 'zh-CN';

/** What each language calls itself, and whose habits its dates follow: the same as in our mails. */
export const LANGUAGES: Record<Language, { name: string; dates: string }> = {
  en: { name: 'English', dates: 'en-GB' },
  de: { name: 'Deutsch', dates: 'de-DE' },
  pl: { name: 'Polski', dates: 'pl-PL' },
  'zh-CN': { name: '简体中文', dates: 'zh-CN' },
};

export const languages = Object.keys(LANGUAGES) as Language[];

/** The first of these tags that we write, else English. `zh-TW` and `zh-HK` are written in another script: no. */
export function languageOf(tags: readonly (string | null | undefined)[]): Language {
  for (const tag of tags) {
    const language = tag && writtenAs(tag);
    if (language) return language;
  }
  return 'en';
}

function writtenAs(tag: string): Language | undefined {
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    if (language === 'zh') return script === 'Hans' ? 'zh-CN' : undefined;
    return languages.find((known) => known === language);
  } catch {
    return undefined;
  }
}
