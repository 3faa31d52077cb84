import { type FormEvent, useCallback, useEffect, useRef, useState } from 'react';
import { useLanguage, useSay } from '../../shared/intl.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import type { AttachmentView, Person } from '../../shared/shapes.js';
import { Button, Card, Field, inputLook, Notice } from '../../shared/ui.js';
import { FileButton, FileList } from '../ticket/files.js';
import { SensitiveNotice } from '../ticket/sensitive-notice.js';
import { useDraft } from '../ticket/use-draft.js';
import { removeUpload, useUploads } from '../ticket/use-uploads.js';
import { CATEGORIES, type Category, hintOf } from './categories.js';
import { OpenTickets } from './open-tickets.js';
import { type Filed, fieldsOf, useFiling } from './use-filing.js';

const MAX_SUBJECT_LENGTH = 200;
const MAX_BODY_LENGTH = 20_000;

interface Props {
  person: Person | null;
  /** Chosen on the page before. */
  category: string | undefined;
  onFiled: (filed: Filed, email: string | null) => void;
}

export function FilingForm({ person, category: first, onFiled }: Props) {
  const say = useSay();
  const { language } = useLanguage();
  const [category, setCategory] = useState(() => CATEGORIES.find((known) => known.category === first)?.category);
  const owner = person?.id ?? 'guest';
  const { draft, write, clear } = useDraft({ person: owner, ticket: 'new', kind: 'new' });
  const onDone = useCallback((file: AttachmentView) => write(({ files }) => ({ files: [...files, file] })), [write]);
  const uploads = useUploads({ count: draft.files.length, onDone });
  const filing = useFiling((filed, email) => {
    // A guest may come back from the code: with the text, as another ticket. The files are in the first one.
    if (filed.challengeId) write(() => ({ key: crypto.randomUUID(), files: [] }));
    else clear();
    onFiled(filed, email);
  });
  const wrong = fieldsOf(filing.error);
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (filing.isError) summary.current?.focus();
  }, [filing.isError]);

  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!category || uploads.isUploading || filing.isPending) return;
    const email = String(new FormData(event.currentTarget).get('email') ?? '');
    const { key, subject = '', body, files } = draft;
    filing.mutate({ key, category, subject, body, files, guest: person ? null : { email, locale: language } });
  };
  const remove = (file: AttachmentView) => {
    removeUpload(file.id);
    write((known) => ({ files: known.files.filter(({ id }) => id !== file.id) }));
  };

  return (
    <form onSubmit={send} className="space-y-6">
      <h1 className="text-2xl font-semibold tracking-tight">{say('nav.new')}</h1>
      <div ref={summary} tabIndex={-1} className="outline-none">
        {filing.isError && <Notice isBad>{say(problemWords(codeOf(filing.error)))}</Notice>}
      </div>
      <CategoryChoice chosen={category} onChoose={setCategory} />
      {person && category && <OpenTickets category={category} owner={owner} draft={draft} />}
      <Field
        id="subject"
        label={say('field.subject')}
        problem={wrong.has('subject') ? say('field.subjectProblem') : undefined}
      >
        <input
          {...{
            id: 'subject',
            required: true,
            maxLength: MAX_SUBJECT_LENGTH,
            value: draft.subject ?? '',
            className: inputLook,
          }}
          aria-invalid={wrong.has('subject')}
          onChange={({ target }) => write(() => ({ subject: target.value }))}
        />
      </Field>
      <Field id="body" label={say('field.body')} hint={say(hintOf(category) ?? 'hint.other')}>
        <textarea
          {...{
            id: 'body',
            required: true,
            rows: 7,
            maxLength: MAX_BODY_LENGTH,
            value: draft.body,
            className: inputLook,
          }}
          aria-describedby="body-hint never"
          onChange={({ target }) => write(() => ({ body: target.value }))}
        />
        <p id="never" className="text-sm text-quiet">
          {say('filing.never')}
        </p>
        <SensitiveNotice text={`${draft.subject ?? ''}\n${draft.body}`} />
      </Field>
      <div>
        <FileList
          attachments={draft.files}
          uploads={uploads.uploads}
          onRemove={remove}
          onRetry={uploads.retry}
          onCancel={uploads.cancel}
        />
        <div className="flex items-center gap-1">
          <FileButton onFiles={uploads.add} />
          <p className="text-sm text-quiet">{say('files.limits')}</p>
        </div>
      </div>
      {!person && (
        <Field
          id="email"
          label={say('field.email')}
          hint={say('filing.emailHint')}
          problem={wrong.has('guest.email') ? say('field.emailProblem') : undefined}
        >
          <input
            {...{
              id: 'email',
              name: 'email',
              type: 'email',
              required: true,
              autoComplete: 'email',
              className: inputLook,
            }}
            aria-describedby="email-hint"
          />
        </Field>
      )}
      <Button
        type="submit"
        isBusy={filing.isPending}
        aria-disabled={!category || uploads.isUploading}
        className="max-sm:w-full"
      >
        {say(person ? 'filing.send' : 'filing.sendGuest')}
      </Button>
    </form>
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
