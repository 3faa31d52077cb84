import type { PreferencesRequest, PreferencesResponse } from '@bellhop/contracts/http';

export type Channel = 'feed' | 'push' | 'email';
/** In the order of the table. */
export const CHANNELS: readonly Channel[] = ['feed', 'push', 'email'];

type Kind = PreferencesResponse['kinds'][number]['kind'];
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
