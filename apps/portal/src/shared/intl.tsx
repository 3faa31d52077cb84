import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { IntlProvider, useIntl } from 'react-intl';
import type en from '../messages/en.json';
import { LANGUAGES, type Language, languageOf } from './languages.js';

export type MessageId = keyof typeof en;
type Messages = Record<MessageId, string>;

/** Compiled by the build (`vite/catalogs.ts`); each is loaded when it is needed. */
const load: Record<Language, () => Promise<{ default: Messages }>> = {
  en: () => import('../messages/en.json'),
  de: () => import('../messages/de.json'),
  pl: () => import('../messages/pl.json'),
  'zh-CN': () => import('../messages/zh-CN.json'),
};

const CHOSEN = 'bellhop.language';

interface Speaking {
  language: Language;
  messages: Messages;
}

const SpeakingContext = createContext<{ language: Language; speak: (language: Language) => void } | null>(null);

/** The language chosen here before, else the one of the browser. Sets it for the page, too. */
export async function firstLanguage(): Promise<Speaking> {
  return loaded(languageOf([new URLSearchParams(location.search).get('lang'), chosen(), ...navigator.languages]));
}

async function loaded(language: Language): Promise<Speaking> {
  const { default: messages } = await load[language]();
  document.documentElement.lang = language;
  return { language, messages };
}

function chosen(): string | null {
  try {
    return localStorage.getItem(CHOSEN);
  } catch {
    return null;
  }
}

export function Speaks({ first, children }: { first: Speaking; children: ReactNode }) {
  const [{ language, messages }, setSpeaking] = useState(first);
  const context = useMemo(() => {
    const speak = async (wanted: Language) => {
      setSpeaking(await loaded(wanted));
      try {
        localStorage.setItem(CHOSEN, wanted);
      } catch {
        // Then it is for this visit only.
      }
    };
    return { language, speak: (wanted: Language) => void speak(wanted) };
  }, [language]);
  return (
    <SpeakingContext value={context}>
      <IntlProvider locale={language} messages={messages}>
        {children}
      </IntlProvider>
    </SpeakingContext>
  );
}

export function useLanguage() {
  const context = useContext(SpeakingContext);
  if (!context) throw new Error('useLanguage is used outside of <Speaks>.');
  return { ...context, dates: LANGUAGES[context.language].dates };
}

type Value = string | number;

/** Says a message in the reader's language. */
export function useSay(): (id: MessageId, values?: Record<string, Value>) => string {
  const intl = useIntl();
  return (id, values) => intl.formatMessage({ id }, values);
}

const bold = (words: ReactNode[]) => <b>{words}</b>;

/** A message with `<b>…</b>` in it. */
export function Said({ id, values = {} }: { id: MessageId; values?: Record<string, Value> }) {
  const intl = useIntl();
  return <>{intl.formatMessage({ id }, { ...values, b: bold })}</>;
}

/** The title of the page in the browser. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Bellhop`;
  }, [title]);
}
