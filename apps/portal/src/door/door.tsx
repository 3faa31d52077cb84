/** @jsxImportSource preact */
import { useRef, useState } from 'preact/hooks';
import { askForCode, type Challenge } from '../shared/guest.js';
import { LANGUAGES, type Language, languages } from '../shared/languages.js';
import { CodeStep } from './code-step.js';
import { LinkStep } from './link-step.js';
import { Said } from './said.js';
import { Trouble, type TroubleOf } from './trouble.js';
import type { Words } from './words.js';

type Step = { at: 'ask' } | { at: 'code'; challenge: Challenge } | { at: 'dead' } | { at: 'opening' };

interface Props {
  language: Language;
  words: Words;
  /** The part of the address behind `/t/`; none where the page is made. */
  link?: string;
  /** The person is about to open the ticket: what it needs may be loaded. */
  onAsk?: () => void;
  onOpen?: (ticketId: string) => void;
}

/** The guest's way to a ticket. Nothing is asked of the service before the button is pressed: mail scanners open links, too. */
export function Door({ language, words, link = '', onAsk, onOpen }: Props) {
  const [step, setStep] = useState<Step>({ at: 'ask' });
  const [trouble, setTrouble] = useState<TroubleOf | null>(null);
  const [isBusy, setBusy] = useState(false);
  // Kept until there is an answer: pressing again after a lost one sends no second mail.
  const key = useRef<string | null>(null);

  const open = (ticketId: string) => {
    setStep({ at: 'opening' });
    onOpen?.(ticketId);
  };
  const ask = async () => {
    if (isBusy) return;
    setBusy(true);
    onAsk?.();
    key.current ??= crypto.randomUUID();
    const answer = await askForCode(link, key.current);
    if (answer.kind !== 'unreachable') key.current = null;
    setBusy(false);
    setTrouble(answer.kind === 'wait' || answer.kind === 'unreachable' ? answer : null);
    if (answer.kind === 'code') setStep({ at: 'code', challenge: answer.challenge });
    if (answer.kind === 'dead') setStep({ at: 'dead' });
    if (answer.kind === 'open') open(answer.ticketId);
  };

  return (
    <>
      <Header words={words} language={language} />
      <main>
        {step.at === 'ask' && <Ask words={words} isBusy={isBusy} trouble={trouble} onAsk={ask} />}
        {step.at === 'code' && (
          <CodeStep
            key={step.challenge.id}
            {...{
              words,
              challenge: step.challenge,
              askTrouble: trouble,
              isAsking: isBusy,
              onAskAgain: ask,
              onOpen: open,
            }}
          />
        )}
        {step.at === 'dead' && <LinkStep words={words} />}
        {step.at === 'opening' && <Said heading={words.opening} />}
      </main>
    </>
  );
}

function Header({ words, language }: { words: Words; language: Language }) {
  return (
    <header>
      <span class="brand">
        <i aria-hidden="true" />
        Bellhop
      </span>
      <details class="languages">
        <summary aria-label={`${words.language}: ${LANGUAGES[language].name}`}>
          {LANGUAGES[language].name} <span aria-hidden="true">▾</span>
        </summary>
        <nav aria-label={words.language}>
          {languages.map((other) => (
            <a key={other} href={`?lang=${other}`} lang={other} hreflang={other} aria-current={other === language}>
              {LANGUAGES[other].name}
            </a>
          ))}
        </nav>
      </details>
    </header>
  );
}

interface AskProps {
  words: Words;
  isBusy: boolean;
  trouble: TroubleOf | null;
  onAsk: () => void;
}

function Ask({ words, isBusy, trouble, onAsk }: AskProps) {
  return (
    <>
      <section class="card">
        <p class="over">{words.ticket}</p>
        <h1>{words.ask.heading}</h1>
        <p>{words.ask.body}</p>
        <noscript>
          <p class="trouble">{words.noScript}</p>
        </noscript>
        <Trouble words={words} trouble={trouble} />
        <button type="button" class="button" aria-disabled={isBusy} onClick={onAsk}>
          {words.ask.action}
          {isBusy && ' …'}
        </button>
        <p class="small">{words.ask.safe}</p>
      </section>
      <p class="foot">{words.ask.notYours}</p>
    </>
  );
}
