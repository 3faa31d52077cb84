import { MAX_PHRASE_LENGTH, MIN_PHRASE_LENGTH } from '@bellhop/contracts/constants';
import type { PhraseRequest, PreferencesResponse } from '@bellhop/contracts/http';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { call } from '../../shared/api.js';
import { useSay } from '../../shared/intl.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { Button, buttonLook, Card, Field, inputLook, Notice } from '../../shared/ui.js';
import { freshSignInUrl } from '../session.js';
import { isGoodPhrase, keepForReturn, takeAfterReturn } from './phrase-rules.js';
import { readSettingsAgain } from './use-settings.js';

const ANCHOR = 'phrase';
const HERE = `/settings#${ANCHOR}`;

/** The words by which a person knows our mails: shown, set, changed and removed after a recent sign-in only. */
export function Phrase({ settings }: { settings: PreferencesResponse }) {
  const say = useSay();
  const section = useRef<HTMLElement>(null);
  const [returned] = useState(() => takeAfterReturn(sessionStorage, Date.now()));
  // Right after a sign-in it could be shown, unless its key is gone.
  const [isUnreadable] = useState(returned !== null && settings.hasPhrase && settings.phrase === null);
  // The page had no such place when the browser came back to it.
  useEffect(() => {
    if (location.hash === `#${ANCHOR}`) section.current?.scrollIntoView({ block: 'center' });
  }, []);
  const save = useMutation({
    mutationFn: (phrase: string | null) =>
      call('/api/notifications/phrase', { method: 'PUT', body: { phrase } satisfies PhraseRequest }),
    onSettled: readSettingsAgain,
  });
  return (
    <section ref={section} id={ANCHOR} className="space-y-2.5">
      <h2 className="text-[17px] font-semibold">{say('phrase.heading')}</h2>
      <Card className="space-y-3 px-4 py-3.5 sm:px-5.5">
        <p className="text-sm text-quiet">{say('phrase.body')}</p>
        <PhraseState {...{ settings, returned, isUnreadable, save }} />
      </Card>
    </section>
  );
}

interface StateProps {
  settings: Pick<PreferencesResponse, 'hasPhrase' | 'phrase'>;
  /** What was typed before a fresh sign-in; null: nobody has come back from one. */
  returned: string | null;
  /** It can be replaced only. */
  isUnreadable: boolean;
  save: {
    isPending: boolean;
    isSuccess: boolean;
    error: unknown;
    variables?: string | null | undefined;
    mutate(phrase: string | null): void;
  };
}

export function PhraseState({ settings: { hasPhrase, phrase }, returned, isUnreadable, save }: StateProps) {
  const say = useSay();
  const isTooOld = save.error !== null && codeOf(save.error) === 'sign_in_too_old';
  if (isTooOld) return <SignInAgain typed={save.variables ?? ''} isRepeated={returned !== null} />;
  if (hasPhrase && phrase === null && !isUnreadable) return <SignInAgain typed="" isRepeated={false} />;
  return (
    <>
      {hasPhrase && phrase !== null && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <p className="me-auto">
            <span className="text-sm text-quiet">{say('phrase.yours')}</span> <q className="font-semibold">{phrase}</q>
          </p>
          <Button look="link" isBusy={save.isPending} onClick={() => save.mutate(null)}>
            {say('phrase.remove')}
          </Button>
        </div>
      )}
      {hasPhrase && phrase === null && <Notice>{say('phrase.unreadable')}</Notice>}
      {save.error !== null && codeOf(save.error) !== 'invalid_request' && (
        <Notice isBad>{say(problemWords(codeOf(save.error)))}</Notice>
      )}
      <PhraseForm
        key={phrase ?? ''}
        first={save.isSuccess ? '' : (returned ?? '')}
        isChange={hasPhrase}
        isBusy={save.isPending}
        isRefused={save.error !== null && codeOf(save.error) === 'invalid_request'}
        onSave={save.mutate}
      />
      <p role="status" className="text-sm text-good">
        {save.isSuccess && say(save.variables === null ? 'phrase.removed' : 'phrase.saved')}
      </p>
    </>
  );
}

interface FormProps {
  first: string;
  isChange: boolean;
  isBusy: boolean;
  isRefused: boolean;
  onSave: (phrase: string) => void;
}

function PhraseForm({ first, isChange, isBusy, isRefused, onSave }: FormProps) {
  const say = useSay();
  const [text, setText] = useState(first);
  const [isWrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setWrong(!isGoodPhrase(text));
    if (isGoodPhrase(text)) onSave(text.trim());
  };
  const isBad = isWrong || isRefused;
  const limits = { least: MIN_PHRASE_LENGTH, most: MAX_PHRASE_LENGTH };
  return (
    <form noValidate onSubmit={submit}>
      <Field
        id="phrase-text"
        label={say(isChange ? 'phrase.new' : 'phrase.label')}
        hint={say('phrase.hint', limits)}
        problem={isBad ? say('phrase.wrong', limits) : undefined}
      >
        <div className="flex flex-wrap gap-3 pt-1">
          <input
            id="phrase-text"
            value={text}
            maxLength={MAX_PHRASE_LENGTH}
            autoComplete="off"
            aria-invalid={isBad}
            aria-describedby={isBad ? 'phrase-text-hint phrase-text-problem' : 'phrase-text-hint'}
            onChange={({ target }) => {
              setText(target.value);
              setWrong(false);
            }}
            className={`${inputLook} min-w-0 flex-1 basis-60`}
          />
          <Button type="submit" look="quiet" isBusy={isBusy}>
            {say(isChange ? 'phrase.change' : 'phrase.set')}
          </Button>
        </div>
      </Field>
    </form>
  );
}

/** Whoever finds an open session must learn neither the words nor to change them. */
function SignInAgain({ typed, isRepeated }: { typed: string; isRepeated: boolean }) {
  const say = useSay();
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p className="min-w-0 flex-1 basis-60">{say(isRepeated ? 'phrase.stillTooOld' : 'phrase.tooOld')}</p>
      <a
        href={freshSignInUrl(HERE)}
        onClick={() => keepForReturn(sessionStorage, typed, Date.now())}
        className={buttonLook('quiet')}
      >
        {say('phrase.signIn')}
      </a>
    </div>
  );
}
