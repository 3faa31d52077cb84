import { MAIL_AFTER_MINUTES, WEEKDAYS } from '@bellhop/contracts/constants';
import type { MailAfterMinutes } from '@bellhop/contracts/http';
import { useLanguage, useSay } from '../../shared/intl.js';
import { requestOf, toggledDay, withNight } from './preferences.js';
import { fieldLook, type PartProps } from './use-settings.js';

/** When mails and pushes come. */
export function Times({ settings, onChange }: PartProps) {
  const say = useSay();
  return (
    <div className="space-y-3">
      <label className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span>{say('settings.mailAfter')}</span>
        <select
          value={settings.mailAfterMinutes}
          onChange={({ target }) => {
            const mailAfterMinutes = Number(target.value) as MailAfterMinutes;
            onChange((known) => ({ ...requestOf(known), mailAfterMinutes }));
          }}
          className={fieldLook}
        >
          {MAIL_AFTER_MINUTES.map((minutes) => (
            <option key={minutes} value={minutes}>
              {say('settings.minutes', { count: minutes })}
            </option>
          ))}
        </select>
      </label>
      <Night settings={settings} onChange={onChange} />
    </div>
  );
}

function Night({ settings, onChange }: PartProps) {
  const say = useSay();
  const { quietHours, effectiveTimeZone } = settings;
  return (
    <fieldset className="space-y-2">
      <legend className="sr-only">{say('settings.quiet')}</legend>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <label className="flex min-h-11 items-center gap-3">
          <input
            type="checkbox"
            checked={quietHours !== null}
            onChange={({ target }) => {
              const isOn = target.checked;
              onChange((known) => withNight(known, isOn ? {} : null));
            }}
            className="size-5 accent-accent"
          />
          {say('settings.quiet')}
        </label>
        {quietHours &&
          (['from', 'to'] as const).map((end) => (
            <label key={end} className="flex items-center gap-2">
              <span className="text-quiet">{say(`settings.${end}`)}</span>
              <input
                type="time"
                required
                value={quietHours[end]}
                onChange={({ target }) => {
                  const time = target.value;
                  if (time) onChange((known) => withNight(known, { [end]: time }));
                }}
                className={fieldLook}
              />
            </label>
          ))}
        {quietHours && <span className="text-sm text-quiet">{effectiveTimeZone.replaceAll('_', ' ')}</span>}
      </div>
      {quietHours && <Days settings={settings} onChange={onChange} />}
    </fieldset>
  );
}

/** 5 January 1970 was a Monday. */
const MONDAY = Date.UTC(1970, 0, 5);
const DAY_MS = 86_400_000;

function Days({ settings, onChange }: PartProps) {
  const say = useSay();
  const { dates } = useLanguage();
  const days = settings.quietHours?.days ?? [];
  const name = (at: number, weekday: 'short' | 'long') =>
    new Intl.DateTimeFormat(dates, { weekday, timeZone: 'UTC' }).format(MONDAY + at * DAY_MS);
  return (
    <fieldset className="flex flex-wrap items-center gap-1.5">
      <legend className="float-start me-1 text-sm text-quiet">{say('settings.days')}</legend>
      {WEEKDAYS.map((day, at) => (
        <button
          key={day}
          type="button"
          aria-pressed={days.includes(day)}
          aria-label={name(at, 'long')}
          onClick={() => {
            const chosen = toggledDay(days, day);
            onChange((known) => withNight(known, { days: chosen }));
          }}
          className="min-h-11 min-w-11 rounded-lg border border-edge px-2 text-sm aria-pressed:border-ink aria-pressed:bg-ink aria-pressed:text-page"
        >
          {name(at, 'short')}
        </button>
      ))}
    </fieldset>
  );
}
