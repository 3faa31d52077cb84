/** @jsxImportSource preact */
import type { Words } from './words.js';

export type TroubleOf =
  | { kind: 'wrong'; triesLeft: number }
  | { kind: 'wait'; minutes: number }
  | { kind: 'gone' | 'expired' | 'unreachable' | 'invalid' };

/** Says what went wrong and what to do; read out when it appears. */
export function Trouble({ words, trouble, id }: { words: Words; trouble: TroubleOf | null; id?: string }) {
  return (
    <p class="trouble" role="alert" id={id} hidden={!trouble}>
      {trouble && sentence(words, trouble)}
    </p>
  );
}

function sentence({ trouble: words }: Words, trouble: TroubleOf): string {
  if (trouble.kind === 'wrong') return words.wrong.replace('{count}', String(trouble.triesLeft));
  if (trouble.kind === 'wait') return words.wait.replace('{count}', String(trouble.minutes));
  return words[trouble.kind];
}
