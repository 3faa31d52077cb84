import { useMutation } from '@tanstack/react-query';
import { useSay } from '../shared/intl.js';
import { menuItem } from '../shared/menu.js';
import { codeOf, problemWords } from '../shared/problem-words.js';
import { useMoments } from '../shared/use-moment.js';
import { useGuest } from './me.js';
import { endGuestSession } from './session.js';

/** Who this is shown to and for how long, and the way out: for a guest on a computer of others. */
export function GuestSession() {
  const guest = useGuest(true);
  const end = useMutation({ mutationFn: endGuestSession });
  return guest && <OpenSession guest={guest} error={end.error} onEnd={() => end.mutate()} />;
}

interface OpenProps {
  guest: { address: string; expiresAt: string };
  error: unknown;
  onEnd: () => void;
}

export function OpenSession({ guest, error, onEnd }: OpenProps) {
  const say = useSay();
  const { deadline } = useMoments();
  return (
    <div className="border-b border-line">
      <p className="max-w-64 px-3 py-2 text-sm text-quiet">
        {say('guest.session', { address: guest.address, until: deadline(guest.expiresAt) })}
      </p>
      <button type="button" className={`${menuItem} w-full`} onClick={onEnd}>
        {say('guest.end')}
      </button>
      {error !== null && (
        <p role="alert" className="max-w-64 px-3 pb-2 text-sm text-bad">
          {say(problemWords(codeOf(error)))}
        </p>
      )}
    </div>
  );
}
