import { Said } from '../../shared/intl.js';
import type { Turn } from '../../shared/turn.js';
import { useMoments } from '../../shared/use-moment.js';

const LOOKS = {
  yours: 'bg-tint [&_b:first-child]:text-accent',
  ours: '',
  solved: '[&_b:first-child]:text-good',
  closed: '',
} as const;

/** Whose turn it is and by when: the first that stands under the title, in colour only when it is the reader's. */
export function TurnLine({ turn }: { turn: Turn }) {
  const { deadline } = useMoments();
  return (
    <p role="status" className={`border-b border-line px-4 py-2.5 text-sm ${LOOKS[turn.side]}`}>
      <Said id={turn.sentence} values={{ by: turn.by ? deadline(turn.by) : '' }} />
    </p>
  );
}
