import type { MailCheckResponse } from '@bellhop/contracts/http';
import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useRef, useState } from 'react';
import { call } from '../../shared/api.js';
import { useSay, useTitle } from '../../shared/intl.js';
import { Button, Field, inputLook, Notice } from '../../shared/ui.js';
import { type CheckProblem, mailOfFile, mailOfText, problemOfCheck, refusedBefore } from './mail.js';
import { Verdict } from './verdict.js';

const check = (mail: Blob) => call<MailCheckResponse>('/api/notifications/mail-checks', { method: 'POST', body: mail });

/** For everybody, also without an account: whoever doubts a mail asks before they sign in. */
export function MailCheckPage() {
  const say = useSay();
  useTitle(say('nav.check'));
  const [text, setText] = useState('');
  const [refused, setRefused] = useState<CheckProblem | null>(null);
  const asking = useMutation({ mutationFn: check });
  const ask = (mail: Blob) => {
    const problem = refusedBefore(mail);
    setRefused(problem);
    if (problem) asking.reset();
    else asking.mutate(mail);
  };
  const anew = () => {
    setText('');
    setRefused(null);
    asking.reset();
  };
  const problem = refused ?? (asking.isError ? problemOfCheck(asking.error) : null);
  return (
    <div className="mx-auto max-w-[680px] space-y-5 px-4 py-6 sm:px-5 sm:py-9">
      <div>
        <h1 className="mb-1 text-2xl font-semibold tracking-tight">{say('nav.check')}</h1>
        <p className="text-quiet">{say('check.body')}</p>
      </div>
      {asking.data ? (
        <Verdict answer={asking.data} onAnew={anew} />
      ) : (
        <MailForm {...{ text, setText, problem }} isBusy={asking.isPending} onMail={ask} />
      )}
    </div>
  );
}

interface FormProps {
  text: string;
  setText: (text: string) => void;
  problem: CheckProblem | null;
  isBusy: boolean;
  onMail: (mail: Blob) => void;
}

export function MailForm({ text, setText, problem, isBusy, onMail }: FormProps) {
  const say = useSay();
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    // Some mail programs drop the mail as text.
    if (file) onMail(mailOfFile(file));
    else onMail(mailOfText(event.dataTransfer.getData('text/plain')));
  };
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) onMail(mailOfText(text));
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Field id="mail" label={say('check.label')} hint={say('check.hint')}>
        <textarea
          id="mail"
          rows={8}
          spellCheck={false}
          autoComplete="off"
          aria-describedby="mail-hint"
          value={text}
          onChange={({ target }) => setText(target.value)}
          className={`${inputLook} font-mono ${isOver ? 'border-accent bg-tint' : ''}`}
        />
      </Field>
      {problem && <Notice isBad>{say(problem.id, problem.values)}</Notice>}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" isBusy={isBusy}>
          {say(isBusy ? 'check.checking' : 'check.action')}
        </Button>
        <FileChoice onFile={(file) => onMail(mailOfFile(file))} isBusy={isBusy} />
      </div>
      <p className="text-sm text-quiet">{say('check.privacy')}</p>
    </form>
  );
}

function FileChoice({ onFile, isBusy }: { onFile: (file: File) => void; isBusy: boolean }) {
  const say = useSay();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".eml,.txt,message/rfc822,text/plain"
        tabIndex={-1}
        aria-hidden="true"
        className="sr-only"
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file) onFile(file);
          // The same file may be chosen again.
          target.value = '';
        }}
      />
      <Button look="quiet" isBusy={isBusy} onClick={() => input.current?.click()}>
        {say('check.file')}
      </Button>
    </>
  );
}
