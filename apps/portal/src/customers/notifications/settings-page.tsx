import type { PreferencesRequest, PreferencesResponse } from '@bellhop/contracts/http';
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { call } from '../../shared/api.js';
import { useSay, useTitle } from '../../shared/intl.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { Card, Loading, Notice } from '../../shared/ui.js';
import { ProblemPage } from '../problem-page.js';
import { queries } from '../queries.js';
import { Devices } from './devices.js';
import { CHANNELS, requestOf, withCell } from './preferences.js';
import { Cell } from './switch.js';

const settingsQuery = queryOptions({
  queryKey: ['preferences'],
  queryFn: ({ signal }) => call<PreferencesResponse>('/api/notifications/preferences', { signal }),
});

const MAIL_AFTER_MINUTES = [0, 15, 60, 240] as const;
const NIGHT = { from: '22:00', to: '07:00' };
const EVERY_DAY = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** How somebody with an account hears of their tickets. Each choice is saved as it is made. */
export function SettingsPage() {
  const say = useSay();
  useTitle(say('settings.heading'));
  const { data, error, refetch } = useQuery(settingsQuery);
  const save = useMutation({
    mutationFn: (body: PreferencesRequest) =>
      call<PreferencesResponse>('/api/notifications/preferences', { method: 'PUT', body }),
    onSuccess: (saved) => queries.setQueryData(settingsQuery.queryKey, saved),
  });
  if (!data) return error ? <ProblemPage error={error} onAgain={() => void refetch()} /> : <Loading lines={8} />;
  return (
    <div className="mx-auto max-w-[820px] space-y-5 px-4 py-6 sm:px-5 sm:py-9">
      <h1 className="text-2xl font-semibold tracking-tight">{say('settings.heading')}</h1>
      {save.isError && <Notice isBad>{say(problemWords(codeOf(save.error)))}</Notice>}
      <Times settings={data} onSave={save.mutate} />
      <Kinds settings={data} onSave={save.mutate} />
      <Devices />
    </div>
  );
}

interface PartProps {
  settings: PreferencesResponse;
  onSave: (request: PreferencesRequest) => void;
}

const field = 'min-h-11 rounded-lg border border-edge bg-card px-3';

function Times({ settings, onSave }: PartProps) {
  const say = useSay();
  const choose = (minutes: number) =>
    onSave({ ...requestOf(settings), mailAfterMinutes: minutes as (typeof MAIL_AFTER_MINUTES)[number] });
  return (
    <div className="space-y-3">
      <label className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span>{say('settings.mailAfter')}</span>
        <select
          value={settings.mailAfterMinutes}
          onChange={({ target }) => choose(Number(target.value))}
          className={field}
        >
          {MAIL_AFTER_MINUTES.map((minutes) => (
            <option key={minutes} value={minutes}>
              {say('settings.minutes', { count: minutes })}
            </option>
          ))}
        </select>
      </label>
      <Night settings={settings} onSave={onSave} />
    </div>
  );
}

function Night({ settings, onSave }: PartProps) {
  const say = useSay();
  const { quietHours, effectiveTimeZone } = settings;
  const change = (times: Partial<typeof NIGHT> | null) => {
    const known = quietHours ?? { ...NIGHT, days: [...EVERY_DAY] };
    onSave({ ...requestOf(settings), quietHours: times && { ...known, ...times } });
  };
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <label className="flex items-center gap-3">
        <input
          type="checkbox"
          checked={quietHours !== null}
          onChange={({ target }) => change(target.checked ? {} : null)}
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
              onChange={({ target }) => target.value && change({ [end]: target.value })}
              className={field}
            />
          </label>
        ))}
      {quietHours && <span className="text-sm text-quiet">{effectiveTimeZone}</span>}
    </div>
  );
}

function Kinds({ settings, onSave }: PartProps) {
  const say = useSay();
  return (
    <Card className="overflow-x-auto px-4 py-1.5 sm:px-4.5">
      <table className="w-full border-collapse">
        <thead>
          <tr className="text-[13px] text-quiet">
            <th scope="col" className="py-3 text-start font-normal">
              {say('settings.when')}
            </th>
            {CHANNELS.map((channel) => (
              <th key={channel} scope="col" className="w-16 py-3 text-center font-normal sm:w-22">
                {say(`channel.${channel}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-t border-line">
          {settings.kinds.map(({ kind, channels }) => (
            <tr key={kind}>
              <th scope="row" className="py-3 pe-2 text-start font-normal">
                {say(`kind.${kind}`, { count: 1 })}
              </th>
              {CHANNELS.map((channel) => (
                <td key={channel} className="py-2 text-center">
                  <Cell
                    cell={channels[channel]}
                    name={`${say(`kind.${kind}`, { count: 1 })}: ${say(`channel.${channel}`)}`}
                    onSwitch={(isOn) => onSave(withCell(settings, kind, channel, isOn))}
                  />
                </td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row" className="py-3 pe-2 text-start font-normal">
              {say('settings.codes')}
            </th>
            <td className="text-center text-quiet">–</td>
            <td className="text-center text-quiet">–</td>
            <td className="text-center text-[13px] text-quiet">{say('settings.always')}</td>
          </tr>
        </tbody>
      </table>
    </Card>
  );
}
