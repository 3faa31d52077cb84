import type { ListedTicketView, Page } from '@bellhop/contracts/http';
import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { call } from '../../shared/api.js';
import { useSay, useTitle } from '../../shared/intl.js';
import { Button, buttonLook, Card, Empty, inputLook, Loading } from '../../shared/ui.js';
import { ProblemPage } from '../problem-page.js';
import type { ListSearch } from './list-search.js';
import { TicketRowLink } from './ticket-row.js';

const route = getRouteApi('/tickets');
/** So long after the last letter the search begins. */
const TYPED_MS = 250;

const listQuery = ({ status = 'open', q }: { status?: 'open' | 'closed'; q?: string | undefined }) =>
  infiniteQueryOptions({
    queryKey: ['tickets', status, q ?? ''],
    queryFn: ({ pageParam, signal }) => {
      const search = new URLSearchParams({ status, ...(q ? { q } : {}), ...(pageParam ? { cursor: pageParam } : {}) });
      return call<Page<ListedTicketView>>(`/api/tickets?${search}`, { signal });
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

export function TicketsPage() {
  const say = useSay();
  useTitle(say('nav.tickets'));
  const search = route.useSearch();
  const list = useInfiniteQuery(listQuery(search));
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? [];

  if (list.isError && rows.length === 0) return <ProblemPage error={list.error} onAgain={() => void list.refetch()} />;
  return (
    <div className="mx-auto max-w-[820px] px-4 py-6 sm:px-5 sm:py-9">
      <div className="mb-3 flex items-center justify-between gap-4">
        <h1 className="text-2xl font-semibold tracking-tight">{say('nav.tickets')}</h1>
        <Link to="/new" className={`${buttonLook()} whitespace-nowrap`}>
          {say('nav.new')}
        </Link>
      </div>
      <Tabs search={search} />
      <Card className="overflow-hidden">
        {list.isPending ? (
          <Loading lines={6} />
        ) : rows.length === 0 ? (
          <NoTickets search={search} />
        ) : (
          <ul aria-busy={list.isPlaceholderData} className="divide-y divide-line">
            {rows.map((row) => (
              <TicketRowLink key={row.id} row={row} />
            ))}
          </ul>
        )}
      </Card>
      {list.hasNextPage && (
        <div className="pt-4 text-center">
          <Button look="quiet" isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {say('list.more')}
          </Button>
        </div>
      )}
      {rows.length > 0 && <p className="px-1 py-4 text-sm text-quiet">{say('list.hint')}</p>}
    </div>
  );
}

function Tabs({ search }: { search: ListSearch }) {
  const say = useSay();
  const q = search.q ? { q: search.q } : {};
  const tab = 'border-b-2 py-2.5 text-sm';
  const look = (isHere: boolean) => `${tab} ${isHere ? 'border-ink font-semibold' : 'border-transparent text-quiet'}`;
  const isClosed = search.status === 'closed';
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-6 border-b border-line">
      <nav aria-label={say('list.tabs')} className="flex gap-6">
        <Link to="/tickets" search={q} aria-current={isClosed ? undefined : 'page'} className={look(!isClosed)}>
          {say('list.open')}
        </Link>
        <Link
          to="/tickets"
          search={{ ...q, status: 'closed' }}
          aria-current={isClosed ? 'page' : undefined}
          className={look(isClosed)}
        >
          {say('list.closed')}
        </Link>
      </nav>
      <SearchBox key={search.status} search={search} />
    </div>
  );
}

function SearchBox({ search }: { search: ListSearch }) {
  const say = useSay();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(search.q ?? '');
  useEffect(() => {
    const q = typed.trim();
    if (q === (search.q ?? '')) return;
    const timer = setTimeout(() => {
      const { q: _, ...rest } = search;
      void navigate({ search: q ? { ...rest, q } : rest, replace: true });
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed, search, navigate]);
  return (
    <search className="relative my-1.5 ms-auto max-sm:w-full">
      <Search aria-hidden="true" size={16} className="absolute start-3 top-1/2 -translate-y-1/2 text-quiet" />
      <input
        type="search"
        aria-label={say('list.search')}
        placeholder={say('list.search')}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
        className={`${inputLook} py-2 ps-9 sm:w-56`}
      />
    </search>
  );
}

function NoTickets({ search }: { search: ListSearch }) {
  const say = useSay();
  if (search.q) {
    return (
      <Empty heading={say('list.nothingFound')}>
        <p>{say('list.nothingFoundBody')}</p>
      </Empty>
    );
  }
  if (search.status === 'closed') return <Empty heading={say('list.noneClosed')} />;
  return (
    <Empty heading={say('list.none')}>
      <p>{say('list.noneBody')}</p>
      <Link to="/new" className={buttonLook('quiet')}>
        {say('nav.new')}
      </Link>
    </Empty>
  );
}
