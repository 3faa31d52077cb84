import { MAX_BODY_LENGTH, MAX_SUBJECT_LENGTH } from '@bellhop/contracts/constants';
import type { SessionPerson } from '@bellhop/contracts/http';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useLanguage, useSay } from '../../shared/intl.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { Button, Card, Field, inputLook, Notice } from '../../shared/ui.js';
import { FileButton, FileList } from '../ticket/files.js';
import { SensitiveNotice } from '../ticket/sensitive-notice.js';
import { useText } from '../ticket/use-text.js';
import { CATEGORIES, type Category, hintOf } from './categories.js';
import { OpenTickets } from './open-tickets.js';
import { type Filed, fieldsOf, useFiling } from './use-filing.js';

interface Props {
  person: SessionPerson | null;
  /** Chosen on the page before. */
  category: string | undefined;
  onFiled: (filed: Filed, email: string | null) => void;
}

export function FilingForm({ person, category: first, onFiled }: Props) {
  const say = useSay();
  const { language } = useLanguage();
  const [category, setCategory] = useState(() => CATEGORIES.find((known) => known.category === first)?.category);
  const owner = person?.id ?? 'guest';
  const text = useText({ person: owner, ticket: 'new', kind: 'new' });
  const { draft, write, clear, uploads, removeFile } = text;
  const filing = useFiling((filed, email) => {
    // A guest may come back from the code: with the text, as another ticket. The files are in the first one.
    if (filed.challengeId) write(() => ({ key: crypto.randomUUID(), files: [] }));
    else clear();
    onFiled(filed, email);
  });
  const wrong = fieldsOf(filing.error);
  const canSend = category !== undefined && !uploads.isUploading;

  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!canSend || filing.isPending) return;
    const email = String(new FormData(event.currentTarget).get('email') ?? '');
    const { key, subject = '', body, files } = draft;
    filing.mutate({ key, category, subject, body, files, guest: person ? null : { email, locale: language } });
  };

  return (
    <form onSubmit={send} className="space-y-6">
      <h1 className="text-2xl font-semibold tracking-tight">{say('nav.new')}</h1>
      <Refusal error={filing.error} />
      <CategoryChoice chosen={category} onChoose={setCategory} />
      {person && category && <OpenTickets category={category} owner={owner} draft={draft} />}
      <TextFields {...{ draft, write, category }} isSubjectWrong={wrong.has('subject')} />
      <div>
        <FileList attachments={draft.files} uploads={uploads} onRemove={removeFile} />
        <div className="flex items-center gap-1">
          <FileButton onFiles={uploads.add} />
          <p className="text-sm text-quiet">{say('files.limits')}</p>
        </div>
      </div>
      {!person && <EmailField isWrong={wrong.has('guest.email')} />}
      <Button type="submit" isBusy={filing.isPending} aria-disabled={!canSend} className="max-sm:w-full">
        {say(person ? 'filing.send' : 'filing.sendGuest')}
      </Button>
    </form>
  );
}

/** What went wrong, where the eyes go; it takes the focus when it appears. */
function Refusal({ error }: { error: Error | null }) {
  const say = useSay();
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) summary.current?.focus();
  }, [error]);
  return (
    <div ref={summary} tabIndex={-1} className="outline-none">
      {error && <Notice isBad>{say(problemWords(codeOf(error)))}</Notice>}
    </div>
  );
}

interface TextProps extends Pick<ReturnType<typeof useText>, 'draft' | 'write'> {
  category: Category | undefined;
  isSubjectWrong: boolean;
}

function TextFields({ draft, write, category, isSubjectWrong }: TextProps) {
  const say = useSay();
  const { subject = '', body } = draft;
  return (
    <>
      <Field
        id="subject"
        label={say('field.subject')}
        problem={isSubjectWrong ? say('field.subjectProblem') : undefined}
      >
        <input
          {...{ id: 'subject', required: true, maxLength: MAX_SUBJECT_LENGTH, value: subject, className: inputLook }}
          aria-invalid={isSubjectWrong}
          onChange={({ target }) => write(() => ({ subject: target.value }))}
        />
      </Field>
      <Field id="body" label={say('field.body')} hint={say(hintOf(category) ?? 'hint.other')}>
        <textarea
          {...{ id: 'body', required: true, rows: 7, maxLength: MAX_BODY_LENGTH, value: body, className: inputLook }}
          aria-describedby="body-hint never"
          onChange={({ target }) => write(() => ({ body: target.value }))}
        />
        <p id="never" className="text-sm text-quiet">
          {say('filing.never')}
        </p>
        <SensitiveNotice text={`${subject}\n${body}`} />
      </Field>
    </>
  );
}

function EmailField({ isWrong }: { isWrong: boolean }) {
  const say = useSay();
  return (
    <Field
      id="email"
      label={say('field.email')}
      hint={say('filing.emailHint')}
      problem={isWrong ? say('field.emailProblem') : undefined}
    >
      <input
        {...{ id: 'email', name: 'email', type: 'email', required: true, autoComplete: 'email', className: inputLook }}
        aria-describedby="email-hint"
        aria-invalid={isWrong}
      />
    </Field>
  );
}

function CategoryChoice({
  chosen,
  onChoose,
}: {
  chosen: Category | undefined;
  onChoose: (category: Category) => void;
}) {
  const say = useSay();
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-semibold">{say('field.category')}</legend>
      <Card className="divide-y divide-line overflow-hidden">
        {CATEGORIES.map(({ category, label }) => (
          <label
            key={category}
            className="flex min-h-12 items-center gap-3 px-4 has-checked:bg-tint has-checked:font-semibold"
          >
            <input
              type="radio"
              name="category"
              required
              checked={category === chosen}
              onChange={() => onChoose(category)}
              className="size-4 accent-accent"
            />
            {say(label)}
          </label>
        ))}
      </Card>
    </fieldset>
  );
}
