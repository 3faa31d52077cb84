import { BellOff } from 'lucide-react';
import { useSay } from '../../shared/intl.js';
import { menuItem } from '../../shared/menu.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { Button, Notice } from '../../shared/ui.js';
import { useMuteChange, useMutes } from './use-mutes.js';

/** Whether a ticket is muted (undefined: not known yet), and the switch for it. */
export interface TicketMute {
  readonly isMuted: boolean | undefined;
  readonly isBusy: boolean;
  readonly error: unknown;
  toggle(): void;
}

/** @param canMute guests mute by the link in their mails */
export function useTicketMute(ticketId: string, canMute: boolean): TicketMute {
  const { data } = useMutes(canMute);
  const { isPending: isBusy, error, mutate } = useMuteChange();
  const isMuted = data?.items.some((mute) => mute.ticketId === ticketId);
  return { isMuted, isBusy, error, toggle: () => mutate({ ticketId, isMuted: !isMuted }) };
}

/** The entry in the menu of a ticket. Until it is known what it would do, it is not there. */
export function MuteChoice({ mute: { isMuted, isBusy, toggle } }: { mute: TicketMute }) {
  const say = useSay();
  if (isMuted === undefined) return null;
  return (
    <button type="button" className={menuItem} aria-disabled={isBusy} onClick={() => isBusy || toggle()}>
      {say(isMuted ? 'mute.end' : 'mute.begin')}
    </button>
  );
}

/** Says of a muted ticket that it is, so that nobody waits for a mail about it. */
export function Muted({ mute: { isMuted, isBusy, error, toggle } }: { mute: TicketMute }) {
  const say = useSay();
  return (
    <div role="status">
      {isMuted && (
        <div className="flex items-center gap-2 px-2 pb-1 text-sm sm:px-4">
          <BellOff aria-hidden="true" size={16} className="shrink-0 text-quiet" />
          <span className="text-quiet">{say('mute.isOn')}</span>
          <Button look="link" isBusy={isBusy} onClick={toggle}>
            {say('mute.end')}
          </Button>
        </div>
      )}
      {error !== null && <Notice isBad>{say(problemWords(codeOf(error)))}</Notice>}
    </div>
  );
}
