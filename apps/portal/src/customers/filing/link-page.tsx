import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef } from 'react';
import { askForLink, type Requested } from '../../shared/guest.js';
import { useSay, useTitle } from '../../shared/intl.js';
import { Button, Card, Field, inputLook, Notice } from '../../shared/ui.js';

/** For guests who have lost their mails: a new link. */
export function LinkPage() {
  const say = useSay();
  useTitle(say('link.heading'));
  // Kept until there is an answer: pressing again after a lost one sends no second mail.
  const key = useRef<string | null>(null);
  const request = useMutation({
    mutationFn: async ({ number, email }: { number: string; email: string }) => {
      key.current ??= crypto.randomUUID();
      const answer = await askForLink(number, email, key.current);
      if (answer.kind !== 'unreachable') key.current = null;
      return answer;
    },
  });
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    request.mutate({ number: String(typed.get('number')), email: String(typed.get('email')) });
  };
  const isSent = request.data?.kind === 'sent';
  return (
    <div className="mx-auto max-w-[460px] px-4 py-8 sm:py-12">
      <Card className="space-y-4 p-5 sm:p-7">
        <h1 className="text-2xl font-semibold tracking-tight">{say(isSent ? 'link.sentHeading' : 'link.heading')}</h1>
        <p>{say(isSent ? 'link.sentBody' : 'link.body')}</p>
        {request.data && request.data.kind !== 'sent' && <Refused answer={request.data} />}
        {!isSent && (
          <form
            onSubmit={send}
            onInput={() => {
              key.current = null;
            }}
            className="space-y-4"
          >
            <LinkFields />
            <Button type="submit" isBusy={request.isPending} className="w-full">
              {say('link.action')}
            </Button>
          </form>
        )}
      </Card>
    </div>
  );
}

function Refused({ answer }: { answer: Exclude<Requested, { kind: 'sent' }> }) {
  const say = useSay();
  if (answer.kind === 'wait') return <Notice isBad>{say('code.wait', { count: answer.minutes })}</Notice>;
  return <Notice isBad>{say(answer.kind === 'invalid' ? 'link.invalid' : 'problem.unreachable')}</Notice>;
}

function LinkFields() {
  const say = useSay();
  return (
    <>
      <Field id="number" label={say('link.number')}>
        <input
          id="number"
          name="number"
          required
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          className={inputLook}
        />
      </Field>
      <Field id="email" label={say('field.email')}>
        <input id="email" name="email" type="email" required autoComplete="email" className={inputLook} />
      </Field>
    </>
  );
}
