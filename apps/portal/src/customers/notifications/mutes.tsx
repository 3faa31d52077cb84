import type { MuteView } from '@bellhop/contracts/http';
import { Link } from '@tanstack/react-router';
import { useSay } from '../../shared/intl.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { Button, Card, Loading, Notice } from '../../shared/ui.js';
import { useMoments } from '../../shared/use-moment.js';
import { NotRead } from './not-read.js';
import { useMuteChange, useMutes } from './use-mutes.js';

/** The tickets that somebody hears nothing of. */
export function Mutes() {
  const say = useSay();
  const { data, error, refetch } = useMutes();
  return (
    <section className="space-y-2.5">
      <h2 className="text-[17px] font-semibold">{say('mutes.heading')}</h2>
      <Card>
        {data && <MuteList mutes={data.items} />}
        {!data && (error ? <NotRead error={error} onAgain={() => void refetch()} /> : <Loading lines={2} />)}
      </Card>
    </section>
  );
}

export function MuteList({ mutes }: { mutes: readonly MuteView[] }) {
  const say = useSay();
  if (mutes.length === 0) return <p className="px-4 py-3.5 text-sm text-quiet sm:px-5.5">{say('mutes.none')}</p>;
  return (
    <ul className="divide-y divide-line">
      {mutes.map((mute) => (
        <MutedTicket key={mute.ticketId} mute={mute} />
      ))}
    </ul>
  );
}

function MutedTicket({ mute }: { mute: MuteView }) {
  const say = useSay();
  const { date } = useMoments();
  const change = useMuteChange();
  const { ticketId, ticketNumber, mutedAt } = mute;
  const name = ticketNumber ?? say('mutes.unnamed');
  return (
    <li className="px-4 py-2.5 sm:px-5.5">
      <div className="flex flex-wrap items-center gap-x-3">
        <p className="me-auto min-w-0">
          <Link to="/tickets/$ticketId" params={{ ticketId }} className="text-accent underline">
            {name}
          </Link>{' '}
          <span className="text-sm text-quiet">· {say('mutes.since', { date: date(mutedAt) })}</span>
        </p>
        <Button
          look="link"
          aria-label={say('mutes.endOf', { name })}
          isBusy={change.isPending}
          onClick={() => change.mutate({ ticketId, isMuted: false })}
        >
          {say('mute.end')}
        </Button>
      </div>
      {change.isError && <Notice isBad>{say(problemWords(codeOf(change.error)))}</Notice>}
    </li>
  );
}
