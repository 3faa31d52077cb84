/** @jsxImportSource preact */
import { CODE_LENGTH } from '@bellhop/contracts/constants';
import { useEffect, useRef, useState } from 'preact/hooks';
import { digitsOf } from '../shared/code.js';
import { type Challenge, checkCode } from '../shared/guest.js';
import { Trouble, type TroubleOf } from './trouble.js';
import type { Words } from './words.js';

interface Props {
  words: Words;
  challenge: Challenge;
  /** Of asking for another code. */
  askTrouble: TroubleOf | null;
  isAsking: boolean;
  onAskAgain: () => void;
  onOpen: (ticketId: string) => void;
}

/** Sends a code as soon as it is whole. */
function useCode(challengeId: string, isOver: boolean, onOpen: (ticketId: string) => void) {
  const [digits, setDigits] = useState('');
  const [trouble, setTrouble] = useState<TroubleOf | null>(null);
  const [isChecking, setChecking] = useState(false);
  /** Browsers that fill in a code tell it twice, and a wrong one stays wrong. */
  const tried = useRef(new Set<string>());
  const isDead = isOver || trouble?.kind === 'gone';

  const check = async (code: string) => {
    tried.current.add(code);
    setChecking(true);
    setTrouble(null);
    const answer = await checkCode(challengeId, code, crypto.randomUUID());
    setChecking(false);
    if (answer.kind === 'open') return onOpen(answer.ticketId);
    // Nobody knows whether it was tried: it may be sent again.
    if (answer.kind === 'unreachable') tried.current.delete(code);
    if (answer.kind === 'wrong') setDigits('');
    setTrouble(answer);
  };
  const type = (text: string) => {
    const code = digitsOf(text);
    setDigits(code);
    if (code.length === CODE_LENGTH && !tried.current.has(code) && !isChecking && !isDead) void check(code);
  };
  return { digits, type, trouble, isChecking, isDead };
}

export function CodeStep({ words, challenge, askTrouble, isAsking, onAskAgain, onOpen }: Props) {
  const secondsLeft = useSecondsLeft(challenge.endsAt);
  const { digits, type, trouble, isChecking, isDead } = useCode(challenge.id, secondsLeft === 0, onOpen);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);

  return (
    <>
      <section class="card">
        <h1>{words.code.heading}</h1>
        {challenge.sentTo && <SentTo sentence={words.code.sentTo} address={challenge.sentTo} />}
        <Trouble words={words} id="trouble" trouble={askTrouble ?? trouble ?? (isDead ? { kind: 'expired' } : null)} />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            type(digits);
          }}
        >
          <label class="unseen" for="code">
            {words.code.label}
          </label>
          {/* No `maxlength`: it would cut off what is pasted with words around it. */}
          <input
            {...{ ref: input, id: 'code', class: 'code', value: digits, type: 'text', inputMode: 'numeric' }}
            {...{ autocomplete: 'one-time-code', enterkeyhint: 'done', 'aria-describedby': 'trouble' }}
            aria-invalid={trouble?.kind === 'wrong'}
            readOnly={isChecking || isDead}
            onInput={(event) => type(event.currentTarget.value)}
          />
        </form>
        <p class="row">
          <span class="quiet" role="timer">
            {isChecking ? words.code.checking : words.code.goodFor.replace('{time}', clock(secondsLeft))}
          </span>
          <button type="button" class="link" aria-disabled={isAsking} onClick={onAskAgain}>
            {words.code.again}
          </button>
        </p>
      </section>
      <p class="foot">{words.code.browser}</p>
    </>
  );
}

function SentTo({ sentence, address }: { sentence: string; address: string }) {
  const [before, after] = sentence.split('{address}');
  return (
    <p>
      {before}
      <b>{address}</b>
      {after}
    </p>
  );
}

function useSecondsLeft(endsAt: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.floor(((endsAt ?? 0) - now) / 1000));
}

/** `9:41` */
function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
