import type { MessageView, TicketResponse } from '@bellhop/contracts/http';
import { Fragment, type RefObject } from 'react';
import { type MessageId, useSay } from '../../shared/intl.js';
import type { Pending } from '../../shared/outbox.js';
import { Button } from '../../shared/ui.js';
import { useMoments } from '../../shared/use-moment.js';
import { MessageBubble, PendingBubble } from './bubbles.js';

/** What stands in a thread, oldest first. */
export type Item =
  | { id: string; isNews: boolean; message: MessageView }
  | { id: string; isNews: false; fact: MessageId; at: string }
  | { id: string; isNews: false; pending: Pending };

/** Facts that are no message; what is told by a message needs no second line. Of the desk's own doings nothing. */
const FACTS: Record<string, MessageId> = {
  created: 'fact.created',
  assigned: 'fact.assigned',
  resolved: 'fact.resolved',
  reopened: 'fact.reopened',
  closed: 'fact.closed',
  promise_missed: 'fact.promiseMissed',
};

export function itemsOf({ messages, timeline, earlier }: TicketResponse, waiting: readonly Pending[]): Item[] {
  const oldest = messages[0]?.createdAt;
  // Facts before the first message that is loaded come with the messages around them.
  const facts = timeline.flatMap((entry): Item[] => {
    const fact = FACTS[entry.type];
    if (!fact || (earlier && oldest && entry.at < oldest)) return [];
    return [{ id: `fact-${entry.at}-${entry.type}`, isNews: false, fact, at: entry.at }];
  });
  const written = messages.map((message): Item => ({ id: message.id, isNews: message.author === 'agent', message }));
  const told = [...facts, ...written].sort(byTime);
  return [...told, ...waiting.map((pending) => ({ id: `pending-${pending.key}`, isNews: false as const, pending }))];
}

const timeOf = (item: Item) => Date.parse('message' in item ? item.message.createdAt : 'fact' in item ? item.at : '');
/** A fact before the message of the same moment: "opened again", then what was written. */
const byTime = (one: Item, other: Item) =>
  timeOf(one) - timeOf(other) || Number('message' in one) - Number('message' in other);

interface Props {
  threadRef: RefObject<HTMLElement | null>;
  items: readonly Item[];
  firstUnreadId: string | null;
  earlier: { load: () => void; isLoading: boolean } | null;
  outbox: { again: (pending: Pending) => void; drop: (key: string) => void };
}

export function Thread({ threadRef, items, firstUnreadId, earlier, outbox }: Props) {
  const say = useSay();
  return (
    <section
      ref={threadRef}
      role="log"
      aria-label={say('ticket.thread')}
      className="flex flex-1 flex-col justify-end gap-3.5 px-4 py-5 sm:px-0"
    >
      {earlier && (
        <div className="text-center">
          <Button look="quiet" isBusy={earlier.isLoading} onClick={earlier.load}>
            {say('ticket.earlier')}
          </Button>
        </div>
      )}
      {items.map((item) => (
        <Fragment key={item.id}>
          {item.id === firstUnreadId && <NewLine />}
          <ThreadItem item={item} outbox={outbox} />
        </Fragment>
      ))}
    </section>
  );
}

function ThreadItem({ item, outbox }: { item: Item; outbox: Props['outbox'] }) {
  if ('message' in item) return <MessageBubble id={item.id} message={item.message} />;
  if ('fact' in item) return <Fact item={item} />;
  const { pending } = item;
  return (
    <PendingBubble
      {...{ id: item.id, pending }}
      onAgain={() => outbox.again(pending)}
      onDrop={() => outbox.drop(pending.key)}
    />
  );
}

function Fact({ item }: { item: Extract<Item, { fact: MessageId }> }) {
  const say = useSay();
  const { moment } = useMoments();
  return (
    <p data-id={item.id} className="self-center text-center text-[13px] text-quiet">
      {say(item.fact)} · <time dateTime={item.at}>{moment(item.at)}</time>
    </p>
  );
}

function NewLine() {
  const say = useSay();
  return (
    <p className="flex items-center gap-3 text-[13px] font-semibold text-accent before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
      {say('ticket.new')}
    </p>
  );
}
