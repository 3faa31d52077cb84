import type { SessionPerson, TicketResponse } from '@bellhop/contracts/http';
import { getRouteApi } from '@tanstack/react-router';
import { useRef } from 'react';
import { useSay, useTitle } from '../../shared/intl.js';
import { codeOf } from '../../shared/problem-words.js';
import { turnOf } from '../../shared/turn.js';
import { Loading, Notice } from '../../shared/ui.js';
import { useMoments } from '../../shared/use-moment.js';
import { ProblemPage } from '../problem-page.js';
import { signInUrl, usePerson } from '../session.js';
import { Composer } from './composer.js';
import { Ending } from './ending.js';
import { itemsOf, Thread } from './thread.js';
import { TicketHeader } from './ticket-header.js';
import { TurnLine } from './turn-line.js';
import { useFollow } from './use-follow.js';
import { useOutbox } from './use-outbox.js';
import { useSeen } from './use-seen.js';
import { useEarlier, useTicket } from './use-ticket.js';

const route = getRouteApi('/tickets/$ticketId');

export function TicketPage() {
  const { ticketId } = route.useParams();
  const person = usePerson();
  const { data, error, refetch } = useTicket(ticketId);
  // A draft belongs to a person: nothing is shown before it is known who that is.
  if (data && person !== undefined) {
    return <OpenTicket key={ticketId} conversation={data} person={person} error={error} />;
  }
  if (error) return <ProblemPage error={error} onAgain={() => void refetch()} />;
  return <Loading lines={6} />;
}

interface Props {
  conversation: TicketResponse;
  person: SessionPerson | null;
  /** Why it could not be read again. */
  error: unknown;
}

function OpenTicket({ conversation, person, error }: Props) {
  const say = useSay();
  const { now } = useMoments();
  const { ticket, messages, earlier = null } = conversation;
  const owner = person?.id ?? 'guest';
  const outbox = useOutbox(owner, ticket.id, messages);
  const items = itemsOf(conversation, outbox.waiting);
  const thread = useRef<HTMLElement>(null);
  // Kept: what was unread when the page was opened stays marked as new.
  const firstUnreadId = useRef(conversation.firstUnreadMessageId ?? null).current;
  const { news, follow } = useFollow({ thread, items, firstUnreadId });
  const loadEarlier = useEarlier(ticket.id);
  useSeen(ticket.id, ticket.version);
  useTitle(ticket.subject);

  const turn = turnOf(ticket, now);
  return (
    <div data-fills-phone className="mx-auto flex min-h-dvh max-w-3xl flex-col sm:min-h-[calc(100dvh-3.75rem)]">
      <div className="sticky top-0 z-10 bg-page">
        <TicketHeader ticket={ticket} canChange={person !== null} />
        <TurnLine turn={turn} />
        {error !== null && <Stale error={error} />}
      </div>
      <Thread
        {...{ threadRef: thread, items, firstUnreadId, outbox }}
        earlier={earlier ? { load: () => loadEarlier.mutate(earlier), isLoading: loadEarlier.isPending } : null}
      />
      <div data-composer className="sticky bottom-0 z-10">
        {news > 0 && (
          <div className="flex justify-center pb-2">
            <button
              type="button"
              onClick={follow}
              className="min-h-11 rounded-full bg-button px-5 text-sm font-semibold text-button-ink shadow-lg"
            >
              {say('ticket.news', { count: news })} <span aria-hidden="true">↓</span>
            </button>
          </div>
        )}
        {ticket.status === 'closed' || ticket.status === 'unverified' ? (
          <Ending ticket={ticket} canReopen={person !== null} />
        ) : (
          <Composer {...{ owner, ticket, turn }} onSend={outbox.send} onSent={follow} />
        )}
      </div>
    </div>
  );
}

/** What is shown may be out of date; whoever is not signed in any more learns where to go. */
function Stale({ error }: { error: unknown }) {
  const say = useSay();
  const isSignedOut = codeOf(error) === 'sign_in_required';
  return (
    <div className="px-4 py-2">
      <Notice>
        {say(isSignedOut ? 'problem.signIn' : 'stale')}{' '}
        {isSignedOut && (
          <a href={signInUrl()} className="font-semibold text-accent underline">
            {say('nav.signIn')}
          </a>
        )}
      </Notice>
    </div>
  );
}
