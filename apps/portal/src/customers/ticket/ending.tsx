import type { TicketView } from '@bellhop/contracts/http';
import { Link } from '@tanstack/react-router';
import { useSay } from '../../shared/intl.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { Button, buttonLook, Notice } from '../../shared/ui.js';
import { useChange } from './use-ticket.js';

/** Stands in the place of the answer box where nothing can be written. */
export function Ending({ ticket, canReopen }: { ticket: TicketView; canReopen: boolean }) {
  const say = useSay();
  const change = useChange(ticket.id);
  const isUnproven = ticket.status === 'unverified';
  const body = isUnproven ? 'ending.unproven' : canReopen ? 'ending.reopen' : 'ending.guest';
  return (
    <section className="border-t border-line bg-card px-4 py-4 sm:rounded-t-xl sm:border-x">
      <p className="mb-3 text-sm text-quiet">{say(body)}</p>
      {change.isError && <Notice isBad>{say(problemWords(codeOf(change.error)))}</Notice>}
      <div className="flex flex-wrap gap-3">
        {canReopen && !isUnproven && (
          <Button look="quiet" isBusy={change.isPending} onClick={() => change.mutate('reopening')}>
            {say('ticket.reopen')}
          </Button>
        )}
        <Link to="/new" className={buttonLook('quiet')}>
          {say('nav.new')}
        </Link>
      </div>
    </section>
  );
}
