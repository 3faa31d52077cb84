import { CODE_LENGTH } from '@bellhop/contracts/constants';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { digitsOf } from '../../shared/code.js';
import { type Checking, checkCode } from '../../shared/guest.js';
import { Said, useSay } from '../../shared/intl.js';
import { Button, Card, Notice } from '../../shared/ui.js';

interface Props {
  challengeId: string;
  email: string;
  onOpen: (ticketId: string) => void;
  /** To file once more, with another address. */
  onBack: () => void;
}

/** Sends a code as soon as it is whole. */
function useProof(challengeId: string, onOpen: (ticketId: string) => void) {
  const [digits, setDigits] = useState('');
  /** Browsers that fill in a code tell it twice, and a wrong one stays wrong. */
  const tried = useRef(new Set<string>());
  const check = useMutation({
    mutationFn: (code: string) => checkCode(challengeId, code, crypto.randomUUID()),
    onSuccess: (answer, code) => {
      if (answer.kind === 'open') onOpen(answer.ticketId);
      if (answer.kind === 'unreachable') tried.current.delete(code);
      if (answer.kind === 'wrong') setDigits('');
    },
  });
  const isGone = check.data?.kind === 'gone';
  const type = (text: string) => {
    const code = digitsOf(text);
    setDigits(code);
    if (code.length < CODE_LENGTH || tried.current.has(code) || check.isPending || isGone) return;
    tried.current.add(code);
    check.mutate(code);
  };
  return { digits, type, check, isGone };
}

/** The code that proves a guest's address; the ticket is filed, and nobody sees it before. */
export function ProveStep({ challengeId, email, onOpen, onBack }: Props) {
  const say = useSay();
  const { digits, type, check, isGone } = useProof(challengeId, onOpen);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);

  return (
    <Card className="mx-auto max-w-[460px] space-y-4 p-5 sm:p-7">
      <h1 className="text-2xl font-semibold tracking-tight">{say('code.heading')}</h1>
      <p>
        <Said id="code.sentTo" values={{ email }} />
      </p>
      {check.data && <Trouble answer={check.data} />}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          type(digits);
        }}
      >
        <input
          {...{ ref: input, value: digits, inputMode: 'numeric', autoComplete: 'one-time-code', enterKeyHint: 'done' }}
          aria-label={say('code.label')}
          aria-invalid={check.data?.kind === 'wrong'}
          readOnly={check.isPending || isGone}
          onChange={({ target }) => type(target.value)}
          className="w-full rounded-lg border border-edge bg-card py-3.5 ps-[0.3em] text-center !text-[34px] leading-11 font-bold tracking-[0.3em] tabular-nums"
        />
      </form>
      <p role="status" className="text-sm text-quiet">
        {say(check.isPending ? 'code.checking' : 'code.browser')}
      </p>
      <Button look="link" onClick={onBack}>
        {say('code.otherAddress')}
      </Button>
    </Card>
  );
}

function Trouble({ answer }: { answer: Checking }) {
  const say = useSay();
  switch (answer.kind) {
    case 'open':
      return null;
    case 'wrong':
      return <Notice isBad>{say('code.wrong', { count: answer.triesLeft })}</Notice>;
    case 'wait':
      return <Notice isBad>{say('code.wait', { count: answer.minutes })}</Notice>;
    case 'gone':
      return <Notice isBad>{say('code.gone')}</Notice>;
    case 'unreachable':
      return <Notice isBad>{say('problem.unreachable')}</Notice>;
  }
}
