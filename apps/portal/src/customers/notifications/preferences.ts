import { WEEKDAYS } from '@bellhop/contracts/constants';
import type { PreferencesRequest, PreferencesResponse, QuietHours } from '@bellhop/contracts/http';

export type Channel = 'feed' | 'push' | 'email';
/** In the order of the table. */
export const CHANNELS: readonly Channel[] = ['feed', 'push', 'email'];

type Row = PreferencesResponse['kinds'][number];
export type Kind = Row['kind'];
type Switches = Partial<Record<Channel, boolean>>;

/** The settings as they are, to be sent with one change. Only what a person has decided: all else follows the defaults. */
export function requestOf(settings: PreferencesResponse): PreferencesRequest {
  const { channels, mailAfterMinutes, isMailAfterDefault, quietHours, locale, timeZone } = settings;
  const kinds = settings.kinds.flatMap((row): [Kind, Switches][] => {
    const decided = CHANNELS.filter((channel) => !row.channels[channel].isDefault);
    if (decided.length === 0) return [];
    return [[row.kind, Object.fromEntries(decided.map((channel) => [channel, row.channels[channel].isOn]))]];
  });
  return {
    channels,
    kinds: Object.fromEntries(kinds),
    mailAfterMinutes: isMailAfterDefault ? null : mailAfterMinutes,
    quietHours,
    ...{ locale: locale ?? null, timeZone: timeZone ?? null },
  } as PreferencesRequest;
}

/** The settings as a request will make them, to be shown until they are saved. What the service alone knows, such as locks, stays. */
export function settingsAfter(settings: PreferencesResponse, request: PreferencesRequest): PreferencesResponse {
  const isOn = (channel: Channel) => request.channels[channel] ?? settings.channels[channel];
  const cellsOf = (row: Row) => {
    const cells = CHANNELS.map((channel): [Channel, Row['channels'][Channel]] => {
      const cell = row.channels[channel];
      const isChosen = request.kinds[row.kind]?.[channel] !== false;
      // That it is on is the default: only what is off was decided.
      return [channel, cell.lock ? cell : { ...cell, isOn: isChosen && isOn(channel), isDefault: isChosen }];
    });
    return Object.fromEntries(cells) as Row['channels'];
  };
  const { quietHours, locale, timeZone } = request;
  return {
    ...settings,
    channels: { email: isOn('email'), push: isOn('push'), feed: isOn('feed') },
    kinds: settings.kinds.map((row) => ({ ...row, channels: cellsOf(row) })),
    mailAfterMinutes: request.mailAfterMinutes ?? settings.mailAfterMinutes,
    isMailAfterDefault: request.mailAfterMinutes === null,
    ...{ quietHours, locale, timeZone },
  };
}

/** With one cell of the table switched. */
export function withCell(
  settings: PreferencesResponse,
  kind: Kind,
  channel: Channel,
  isOn: boolean,
): PreferencesRequest {
  const request = requestOf(settings);
  return { ...request, kinds: { ...request.kinds, [kind]: { ...request.kinds[kind], [channel]: isOn } } };
}

/** With a whole channel switched. Its cells keep what was chosen for them, and rest while it is off. */
export function withMaster(settings: PreferencesResponse, channel: Channel, isOn: boolean): PreferencesRequest {
  const request = requestOf(settings);
  return { ...request, channels: { ...request.channels, [channel]: isOn } };
}

/** Why a cell cannot be switched; null: it can. */
export type Hold = NonNullable<Row['channels'][Channel]['lock']> | 'master_off';

export function holdOf(settings: PreferencesResponse, { channels }: Row, channel: Channel): Hold | null {
  const { lock } = channels[channel];
  if (lock) return lock;
  return settings.channels[channel] ? null : 'master_off';
}

/** The last way on which an agent hears of a promise at risk keeps its channel on. */
export function isMasterHeld({ kinds }: PreferencesResponse, channel: Channel): boolean {
  return kinds.some(({ channels }) => channels[channel].lock === 'last_channel');
}

const NIGHT: QuietHours = { from: '22:00', to: '07:00', days: [...WEEKDAYS] };

/** With quiet hours as they are, or as most people have them, and this change; null: without. */
export function withNight(settings: PreferencesResponse, change: Partial<QuietHours> | null): PreferencesRequest {
  const quietHours = change && { ...(settings.quietHours ?? NIGHT), ...change };
  return { ...requestOf(settings), quietHours };
}

/** The days with one more or less, in the order of the week. The last one stays: without any day there are no quiet hours. */
export function toggledDay(days: QuietHours['days'], day: QuietHours['days'][number]): QuietHours['days'] {
  const others = days.filter((one) => one !== day);
  if (others.length === 0) return days;
  return WEEKDAYS.filter((one) => (one === day ? !days.includes(one) : days.includes(one)));
}
