import { useSay } from '../../shared/intl.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { Button } from '../../shared/ui.js';

/** In the place of one part of a page that could not be read, while the others are there. */
export function NotRead({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const say = useSay();
  return (
    <div role="alert" className="flex flex-wrap items-center justify-between gap-3 px-4 py-3.5 sm:px-5.5">
      <p className="text-sm">{say(problemWords(codeOf(error)))}</p>
      <Button look="quiet" onClick={onAgain}>
        {say('again')}
      </Button>
    </div>
  );
}
