import type { TicketView } from '@bellhop/contracts/http';
import { Link } from '@tanstack/react-router';
import { ArrowLeft, Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { useSay } from '../../shared/intl.js';
import { Menu, menuItem } from '../../shared/menu.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { Button, Notice } from '../../shared/ui.js';
import { GuestSession } from '../guest-session.js';
import { HelpLinks } from '../layout.js';
import { MuteChoice, Muted, useTicketMute } from '../notifications/mute.js';
import { useChange } from './use-ticket.js';

/** @param canChange guests neither close, reopen nor mute */
export function TicketHeader({ ticket, canChange }: { ticket: TicketView; canChange: boolean }) {
  const say = useSay();
  const [isAsking, setAsking] = useState(false);
  const change = useChange(ticket.id);
  const mute = useTicketMute(ticket.id, canChange);
  const isClosed = ticket.status === 'closed';
  return (
    <header className="border-b border-line px-2 sm:px-0">
      <div className="flex items-center gap-1 py-2">
        {canChange && (
          <Link
            to="/tickets"
            aria-label={say('ticket.back')}
            className="grid size-11 shrink-0 place-items-center rounded"
          >
            <ArrowLeft aria-hidden="true" size={20} className="rtl:rotate-180" />
          </Link>
        )}
        <div className={`min-w-0 flex-1 ${canChange ? '' : 'ps-2 sm:ps-0'}`}>
          <h1 className="truncate font-semibold sm:text-lg" title={ticket.subject}>
            {ticket.subject}
          </h1>
          <p className="-mt-0.5 truncate text-[13px] text-quiet">
            {ticket.number} · {say(`category.${ticket.category}`)}
          </p>
        </div>
        <Menu name={say('ticket.menu')} label={<Dots />}>
          {canChange && !isClosed && ticket.status !== 'unverified' && (
            <button type="button" className={menuItem} onClick={() => setAsking(true)}>
              {say('ticket.close')}
            </button>
          )}
          <MuteChoice mute={mute} />
          {!canChange && <GuestSession />}
          <HelpLinks />
        </Menu>
      </div>
      <Muted mute={mute} />
      {isAsking && !isClosed && (
        <CloseQuestion
          isBusy={change.isPending}
          onClose={() => change.mutate('closing', { onSuccess: () => setAsking(false) })}
          onKeep={() => setAsking(false)}
        />
      )}
      {change.isError && <Notice isBad>{say(problemWords(codeOf(change.error)))}</Notice>}
    </header>
  );
}

interface QuestionProps {
  isBusy: boolean;
  onClose: () => void;
  onKeep: () => void;
}

function CloseQuestion({ isBusy, onClose, onKeep }: QuestionProps) {
  const say = useSay();
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-2 pb-3 text-sm sm:px-0">
      <p className="me-auto">{say('ticket.closeAsk')}</p>
      <Button look="quiet" isBusy={isBusy} onClick={onClose}>
        {say('ticket.close')}
      </Button>
      <Button look="link" onClick={onKeep}>
        {say('ticket.keepOpen')}
      </Button>
    </div>
  );
}

function Dots() {
  return (
    <span className="grid size-11 place-items-center">
      <Ellipsis aria-hidden="true" size={20} />
    </span>
  );
}
