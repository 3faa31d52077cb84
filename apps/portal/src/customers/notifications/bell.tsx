import type { FeedEntryView } from '@bellhop/contracts/http';
import { Link } from '@tanstack/react-router';
import { Bell as BellIcon } from 'lucide-react';
import { useSay } from '../../shared/intl.js';
import { Menu, menuItem } from '../../shared/menu.js';
import { useMoments } from '../../shared/use-moment.js';
import { useFeed } from './use-feed.js';

/** What is new for somebody with an account, and how much of it. */
export function Bell() {
  const say = useSay();
  const { feed, seeAll } = useFeed(true);
  const unread = feed?.unread ?? 0;
  const shown = unread >= 100 ? '99+' : String(unread);
  const label = (
    <span className="relative grid size-8 place-items-center">
      <BellIcon aria-hidden="true" size={20} />
      {unread > 0 && (
        <span className="absolute -end-1 -top-1 min-w-[17px] rounded-full bg-accent px-1 text-center text-[11px] leading-[17px] text-page">
          {shown}
        </span>
      )}
    </span>
  );
  return (
    <Menu label={label} name={say('bell.name', { count: unread })}>
      <div className="max-h-[70dvh] w-80 max-w-[calc(100vw-3rem)] overflow-y-auto">
        {feed?.items.length ? (
          feed.items.map((entry) => <Entry key={entry.id} entry={entry} />)
        ) : (
          <p className="px-3 py-4 text-sm text-quiet">{say('bell.none')}</p>
        )}
      </div>
      <div className="flex flex-wrap justify-between border-t border-line">
        <button type="button" onClick={seeAll} disabled={unread === 0} className={`${menuItem} disabled:text-quiet`}>
          {say('bell.seeAll')}
        </button>
        <Link to="/settings" className={menuItem}>
          {say('nav.settings')}
        </Link>
      </div>
    </Menu>
  );
}

function Entry({ entry }: { entry: FeedEntryView }) {
  const say = useSay();
  const { moment } = useMoments();
  const isNew = entry.seenAt === null;
  return (
    <Link
      to="/tickets/$ticketId"
      params={{ ticketId: entry.ticket.id }}
      className={`${menuItem} flex items-start gap-2.5`}
    >
      <span className={`mt-2 size-2 shrink-0 rounded-full ${isNew ? 'bg-accent' : ''}`} />
      <span>
        <span className={isNew ? 'font-semibold' : ''}>{say(`kind.${entry.kind}`, { count: entry.count })}</span>
        <span className="block text-[13px] text-quiet">
          {entry.ticket.number} · {moment(entry.at)}
        </span>
      </span>
    </Link>
  );
}
