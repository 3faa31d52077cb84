import type { ListedTicketView, Page } from '@bellhop/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { call } from '../../shared/api.js';
import { type Draft, readDraft, writeDraft } from '../../shared/drafts.js';
import { useSay } from '../../shared/intl.js';
import { Card } from '../../shared/ui.js';

const SHOWN = 3;

interface Props {
  category: string;
  owner: string;
  /** What has been written here: it goes along, as the draft of the other ticket. */
  draft: Draft;
}

/** One problem, one conversation: open tickets about the same, to go on in. */
export function OpenTickets({ category, owner, draft }: Props) {
  const say = useSay();
  const { data } = useQuery({
    queryKey: ['tickets', 'open', 'newest'],
    queryFn: ({ signal }) => call<Page<ListedTicketView>>('/api/tickets?status=open', { signal }),
  });
  const same = data?.items.filter((ticket) => ticket.category === category).slice(0, SHOWN) ?? [];
  if (same.length === 0) return null;

  const takeAlong = (ticket: string) => {
    const place = { person: owner, ticket, kind: 'answer' } as const;
    const known = readDraft(localStorage, place, Date.now());
    if (draft.body.trim() === '' || known) return;
    writeDraft(localStorage, place, { ...draft, key: crypto.randomUUID() });
    writeDraft(localStorage, { ...place, ticket: 'new', kind: 'new' }, null);
  };
  return (
    <section aria-label={say('filing.same')}>
      <h2 className="mb-1 text-sm font-semibold">{say('filing.same')}</h2>
      <Card className="divide-y divide-line overflow-hidden">
        {same.map(({ id, subject, number }) => (
          <Link
            key={id}
            to="/tickets/$ticketId"
            params={{ ticketId: id }}
            onClick={() => takeAlong(id)}
            className="flex items-center gap-4 px-4 py-3 hover:bg-tint"
          >
            <span className="min-w-0 flex-1">
              <span className="block truncate">{subject}</span>
              <span className="block text-[13px] text-quiet">{number}</span>
            </span>
            <span className="shrink-0 text-sm font-semibold text-accent underline">{say('filing.goOn')}</span>
          </Link>
        ))}
      </Card>
    </section>
  );
}
