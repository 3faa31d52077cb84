import type { SentMessageView } from '@bellhop/contracts/http';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { call } from '../../shared/api.js';
import { useSay, useTitle } from '../../shared/intl.js';
import { Button, Card, Empty, Loading } from '../../shared/ui.js';
import { useMoments } from '../../shared/use-moment.js';
import { ProblemPage } from '../problem-page.js';

interface SentPageOfList {
  items: SentMessageView[];
  next: string | null;
}

/** Everything that was sent to the reader, and what became of it: what is not in here is not from us. */
export function SentPage() {
  const say = useSay();
  useTitle(say('nav.sent'));
  const list = useInfiniteQuery({
    queryKey: ['sent'],
    queryFn: ({ pageParam, signal }) =>
      call<SentPageOfList>(`/api/notifications/sent${pageParam && `?cursor=${pageParam}`}`, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  });
  const messages = list.data?.pages.flatMap(({ items }) => items) ?? [];
  if (list.isError && messages.length === 0) {
    return <ProblemPage error={list.error} onAgain={() => void list.refetch()} />;
  }
  return (
    <div className="mx-auto max-w-[820px] px-4 py-6 sm:px-5 sm:py-9">
      <h1 className="mb-1 text-2xl font-semibold tracking-tight">{say('nav.sent')}</h1>
      <p className="mb-5 text-quiet">
        {say('sent.body')}{' '}
        <Link to="/check" className="text-accent underline">
          {say('nav.check')}
        </Link>
      </p>
      <Card>
        {list.isPending && <Loading lines={6} />}
        {list.isSuccess && messages.length === 0 && <Empty heading={say('sent.none')} />}
        <ul className="divide-y divide-line">
          {messages.map((message) => (
            <Sent key={message.id} message={message} />
          ))}
        </ul>
      </Card>
      {list.hasNextPage && (
        <div className="pt-4 text-center">
          <Button look="quiet" isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {say('list.more')}
          </Button>
        </div>
      )}
    </div>
  );
}

const isBad = (outcome: SentMessageView['outcome']) => outcome === 'bounced' || outcome === 'not_sent';

function Sent({ message }: { message: SentMessageView }) {
  const say = useSay();
  const { moment } = useMoments();
  const { kind, ticket, channel, sentTo, outcome, at } = message;
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-3.5 sm:px-5.5">
      <span>{say(`kind.${kind}`, { count: 1 })}</span>
      <span className={`text-sm ${isBad(outcome) ? 'text-bad' : 'text-quiet'}`}>{say(`outcome.${outcome}`)}</span>
      <span className="w-full text-[13px] text-quiet">
        {ticket.number} · {say(`channel.${channel}`)}
        {sentTo && ` · ${sentTo}`} · <time dateTime={at}>{moment(at)}</time>
      </span>
    </li>
  );
}
