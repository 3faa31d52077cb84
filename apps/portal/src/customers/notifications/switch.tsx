import { type MessageId, useSay } from '../../shared/intl.js';
import type { Hold } from './preferences.js';

interface SwitchProps {
  isOn: boolean;
  name: string;
  onSwitch: (isOn: boolean) => void;
  /** Why it cannot be switched. */
  reason?: MessageId | null;
  /** Somebody has tried all the same. */
  onHeld?: (reason: MessageId) => void;
}

export function Switch({ isOn, name, onSwitch, reason = null, onHeld }: SwitchProps) {
  const say = useSay();
  return (
    <label className="inline-grid min-h-11 min-w-11 place-items-center" title={reason ? say(reason) : undefined}>
      <input
        type="checkbox"
        role="switch"
        aria-checked={isOn}
        aria-label={reason ? `${name}. ${say(reason)}` : name}
        aria-disabled={reason !== null}
        checked={isOn}
        onChange={({ target }) => {
          if (reason) onHeld?.(reason);
          else onSwitch(target.checked);
        }}
        className="relative h-5.5 w-9.5 cursor-pointer appearance-none rounded-full bg-edge transition-colors before:absolute before:start-[3px] before:top-[3px] before:size-4 before:rounded-full before:bg-card before:transition-transform checked:bg-ink checked:before:translate-x-4 aria-disabled:cursor-not-allowed aria-disabled:opacity-60 motion-reduce:transition-none motion-reduce:before:transition-none rtl:checked:before:-translate-x-4"
      />
    </label>
  );
}

const REASONS: Partial<Record<Hold, MessageId>> = {
  last_channel: 'settings.lastChannel',
  master_off: 'settings.masterOff',
};

/** A choice of the table; one that cannot be made says why. */
export function Cell({ hold, ...rest }: Omit<SwitchProps, 'reason'> & { hold: Hold | null }) {
  const say = useSay();
  if (hold === 'receipt') return <span className="text-[13px] text-quiet">{say('settings.always')}</span>;
  if (hold === 'not_on_channel') {
    return (
      <span className="text-quiet">
        <span aria-hidden="true">–</span>
        <span className="sr-only">{say('settings.notThere')}</span>
      </span>
    );
  }
  return <Switch {...rest} reason={hold && (REASONS[hold] ?? null)} />;
}
