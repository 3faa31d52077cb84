import type { CellLock } from '@bellhop/contracts/http';
import { useSay } from '../../shared/intl.js';

interface Props {
  cell: { isOn: boolean; lock: CellLock | null };
  name: string;
  onSwitch: (isOn: boolean) => void;
}

/** A choice of the table; one that cannot be made says why. */
export function Cell({ cell, name, onSwitch }: Props) {
  const say = useSay();
  if (cell.lock === 'receipt') return <span className="text-[13px] text-quiet">{say('settings.always')}</span>;
  if (cell.lock === 'not_on_channel') {
    return (
      <span className="text-quiet">
        <span aria-hidden="true">–</span>
        <span className="sr-only">{say('settings.notThere')}</span>
      </span>
    );
  }
  const isLocked = cell.lock !== null;
  return (
    <label
      className="inline-grid min-h-11 min-w-11 place-items-center"
      title={isLocked ? say('settings.lastChannel') : undefined}
    >
      <input
        type="checkbox"
        role="switch"
        aria-checked={cell.isOn}
        aria-label={isLocked ? `${name}. ${say('settings.lastChannel')}` : name}
        aria-disabled={isLocked}
        checked={cell.isOn}
        onChange={({ target }) => {
          if (!isLocked) onSwitch(target.checked);
        }}
        className="relative h-5.5 w-9.5 cursor-pointer appearance-none rounded-full bg-edge transition-colors before:absolute before:start-[3px] before:top-[3px] before:size-4 before:rounded-full before:bg-card before:transition-transform checked:bg-ink checked:before:translate-x-4 aria-disabled:cursor-not-allowed aria-disabled:opacity-60 motion-reduce:transition-none motion-reduce:before:transition-none rtl:checked:before:-translate-x-4"
      />
    </label>
  );
}
