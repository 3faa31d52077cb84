import { type ReactNode, useEffect, useState } from 'react';
import { useSay, useTitle } from '../../shared/intl.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { Loading } from '../../shared/ui.js';
import { ProblemPage } from '../problem-page.js';
import { Devices } from './devices.js';
import { Kinds } from './kinds.js';
import { LanguageAndZone } from './language-and-zone.js';
import { Mutes } from './mutes.js';
import { Phrase } from './phrase.js';
import { Times } from './times.js';
import { useSettings } from './use-settings.js';

/** How somebody with an account hears of their tickets. Each choice is saved as it is made. */
export function SettingsPage() {
  const say = useSay();
  useTitle(say('settings.heading'));
  const { data, error, refetch, save } = useSettings();
  if (!data) return error ? <ProblemPage error={error} onAgain={() => void refetch()} /> : <Loading lines={8} />;
  return (
    <div className="mx-auto max-w-[820px] space-y-7 px-4 py-6 sm:px-5 sm:py-9">
      <div className="space-y-5">
        <h1 className="text-2xl font-semibold tracking-tight">{say('settings.heading')}</h1>
        <Times settings={data} onChange={save.mutate} />
        <Kinds settings={data} onChange={save.mutate} />
      </div>
      <Devices />
      <Mutes />
      <Phrase settings={data} />
      <LanguageAndZone settings={data} onChange={save.mutate} />
      <Saved isBusy={save.isPending} isDone={save.isSuccess} error={save.error} at={save.submittedAt} />
    </div>
  );
}

const SHOWN_MS = 2_500;

interface SavedProps {
  isBusy: boolean;
  isDone: boolean;
  error: unknown;
  /** When the last choice was made. */
  at: number;
}

/** What became of the last choice, in sight wherever on the page it was made. */
export function Saved({ isBusy, isDone, error, at }: SavedProps) {
  const say = useSay();
  const [seen, setSeen] = useState(0);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setSeen(at), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isDone, at]);
  return (
    <div className="pointer-events-none sticky bottom-3 z-10 flex justify-center">
      <div role="status">
        {isBusy && <Pill>{say('settings.saving')}</Pill>}
        {!isBusy && isDone && seen !== at && <Pill>{say('settings.saved')}</Pill>}
      </div>
      <div role="alert">{!isBusy && error !== null && <Pill isBad>{say(problemWords(codeOf(error)))}</Pill>}</div>
    </div>
  );
}

function Pill({ children, isBad = false }: { children: ReactNode; isBad?: boolean }) {
  return (
    <p
      className={`rounded-lg border bg-card px-4 py-2 text-sm shadow-lg ${isBad ? 'border-bad text-bad' : 'border-line text-quiet'}`}
    >
      {children}
    </p>
  );
}
