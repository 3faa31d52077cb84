/** @jsxImportSource preact */
import { useRef, useState } from 'preact/hooks';
import { askForLink } from '../shared/guest.js';
import { Said } from './said.js';
import { Trouble, type TroubleOf } from './trouble.js';
import type { Words } from './words.js';

/** For a link that is dead: another one by mail. */
export function LinkStep({ words }: { words: Words }) {
  const [isSent, setSent] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<TroubleOf | null>(null);
  const key = useRef<string | null>(null);

  const send = async (form: HTMLFormElement) => {
    if (isBusy) return;
    setBusy(true);
    const typed = new FormData(form);
    key.current ??= crypto.randomUUID();
    const answer = await askForLink(String(typed.get('number')), String(typed.get('email')), key.current);
    if (answer.kind !== 'unreachable') key.current = null;
    setBusy(false);
    setSent(answer.kind === 'sent');
    setTrouble(answer.kind === 'sent' ? null : answer);
  };

  if (isSent) return <Said heading={words.sent.heading} body={words.sent.body} />;
  return (
    <section class="card">
      <h1>{words.dead.heading}</h1>
      <p>{words.dead.body}</p>
      <Trouble words={words} trouble={trouble} />
      <form
        onInput={() => {
          key.current = null;
        }}
        onSubmit={(event) => {
          event.preventDefault();
          void send(event.currentTarget);
        }}
      >
        <label for="number">{words.dead.number}</label>
        <input id="number" name="number" required autocomplete="off" autocapitalize="characters" spellcheck={false} />
        <label for="email">{words.dead.email}</label>
        <input id="email" name="email" type="email" required autocomplete="email" />
        <button type="submit" class="button" aria-disabled={isBusy}>
          {words.dead.action}
          {isBusy && ' …'}
        </button>
      </form>
    </section>
  );
}
