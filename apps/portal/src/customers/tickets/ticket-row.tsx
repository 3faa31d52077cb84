import type { ListedTicketView } from '@bellhop/contracts/http';
import { Link } from '@tanstack/react-router';
import { useSay } from '../../shared/intl.js';
import { type Side, turnOf } from '../../shared/turn.js';
import { useMoments } from '../../shared/use-moment.js';

const LOOKS: Record<Side, string> = {
  yours: 'font-semibold text-accent',
  ours: 'text-quiet',
  solved: 'font-semibold text-good',
  closed: 'text-quiet',
};

/** What it is about, the newest line, whose turn it is, and by when. */
export function TicketRowLink({ row }: { row: ListedTicketView }) {
  const say = useSay();
  const { now, deadline, date } = useMoments();
  const turn = turnOf(row, now);
  const unread = row.unread ?? 0;
  return (
    <li>
      <Link
        to="/tickets/$ticketId"
        params={{ ticketId: row.id }}
        className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-0.5 px-4 py-4 hover:bg-tint max-sm:grid-cols-[auto_1fr] max-sm:gap-x-2 sm:px-5.5"
      >
        <h2
          className={`flex min-w-0 max-sm:order-1 max-sm:col-span-2 items-center gap-2.5 text-[17px] leading-6.5 ${unread > 0 ? 'font-semibold' : 'font-medium'}`}
        >
          {unread > 0 && (
            <span className="size-2 shrink-0 rounded-full bg-accent">
              <span className="sr-only">{say('list.unread', { count: unread })}</span>
            </span>
          )}
          <span className="truncate">{row.subject}</span>
        </h2>
        <span className={`text-end text-sm leading-6.5 max-sm:order-3 ${LOOKS[turn.side]}`}>{say(turn.label)}</span>
        <span className="truncate text-sm text-quiet max-sm:order-2 max-sm:col-span-2">
          <Newest row={row} />
        </span>
        <span className="text-end text-[13px] leading-5.5 text-quiet max-sm:order-4 max-sm:text-start max-sm:leading-6.5">
          {turn.by ? say('list.by', { by: deadline(turn.by) }) : date(row.updatedAt)}
        </span>
      </Link>
    </li>
  );
}

function Newest({ row: { lastMessage, number } }: { row: ListedTicketView }) {
  const say = useSay();
  if (!lastMessage) return <>{number}</>;
  const text = lastMessage.excerpt || say('list.onlyFiles');
  return <>{lastMessage.by === 'customer' ? say('list.youWrote', { text }) : say('list.theyWrote', { text })}</>;
}
