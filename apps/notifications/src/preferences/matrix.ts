import type { CellLock, FeedKind, PreferencesRequest, PreferencesResponse } from '@bellhop/contracts/http';
import { Problem } from '@bellhop/http';
import { ALERTS } from '../planning/alerts.js';
import type { ChannelName } from '../planning/plan.js';
import { ALL_KINDS, cellOf, lockOf, type PersonSettings, ruleAgainst } from '../planning/settings.js';

const CHANNELS = ['email', 'push', 'feed'] as const satisfies readonly ChannelName[];
type Cells = PreferencesResponse['kinds'][number]['channels'];
type Requested = Pick<PreferencesRequest, 'channels' | 'kinds'>;

/** Every kind with its readers, in the order of the table of alerts. */
const KINDS = Object.values(ALERTS).flatMap((rule) => {
  if (rule === 'nobody') return [];
  const isForRequesters = (rule.audience as readonly string[]).includes('requester');
  return { kind: rule.template as FeedKind, audience: isForRequesters ? ('customer' as const) : ('agent' as const) };
});

/** An agent hears of these on one channel at least. */
const NEVER_SILENT: readonly FeedKind[] = ['promise_at_risk'];

const WHY: Readonly<Record<CellLock, string>> = {
  receipt: 'the receipt of a new ticket always comes by mail',
  not_on_channel: 'this channel does not tell of it',
  last_channel: 'an agent must hear of it on one channel at least: leave one of the three on',
};

/** The rows that can reach a person, each with its cells. */
export function matrixOf(settings: PersonSettings, isAgent: boolean): PreferencesResponse['kinds'] {
  return KINDS.filter(({ audience }) => isAgent || audience === 'customer').map(({ kind, audience }) => {
    const on = channelsOf(settings, kind);
    const isLast = NEVER_SILENT.includes(kind) && on.length === 1;
    const cells = CHANNELS.map((channel) => [
      channel,
      {
        isOn: on.includes(channel),
        isDefault: !settings.off.has(cellOf(kind, channel)),
        lock: lockOf(kind, channel)?.lock ?? (isLast && on.includes(channel) ? ('last_channel' as const) : null),
      },
    ]);
    return { kind, audience, channels: Object.fromEntries(cells) as Cells };
  });
}

export function masterSwitchesOf({ off }: PersonSettings): PreferencesResponse['channels'] {
  const isOn = (channel: ChannelName) => !off.has(cellOf(ALL_KINDS, channel));
  return { email: isOn('email'), push: isOn('push'), feed: isOn('feed') };
}

/**
 * The cells that a request switches off.
 * @throws Problem 422 `preference_locked` naming each cell that cannot be as it is asked for
 */
export function offOf(request: Requested, isAgent: boolean): string[] {
  const cells = Object.entries(request.kinds).flatMap(([kind, switches]) =>
    CHANNELS.map((channel) => ({ kind: kind as FeedKind, channel, isOn: switches?.[channel] })),
  );
  const locked = cells.flatMap(({ kind, channel, isOn }) => {
    const lock = lockOf(kind, channel);
    return lock && isOn !== undefined && isOn !== lock.isOn ? [refusedCell(kind, channel, lock.lock)] : [];
  });
  if (locked.length > 0) throw lockedCells(locked);
  const masters = CHANNELS.filter((channel) => request.channels[channel] === false);
  const off = [
    ...masters.map((channel) => cellOf(ALL_KINDS, channel)),
    ...cells
      .filter(({ kind, channel, isOn }) => isOn === false && !lockOf(kind, channel))
      .map(({ kind, channel }) => cellOf(kind, channel)),
  ];
  const silent = NEVER_SILENT.filter((kind) => isAgent && channelsOf({ off: new Set(off) }, kind).length === 0);
  if (silent.length > 0) throw lockedCells(silent.map((kind) => refusedCell(kind, 'feed', 'last_channel')));
  return off;
}

function channelsOf(settings: Pick<PersonSettings, 'off'>, kind: FeedKind): ChannelName[] {
  return CHANNELS.filter((channel) => lockOf(kind, channel)?.isOn ?? ruleAgainst(settings, kind, channel) === null);
}

function refusedCell(kind: FeedKind, channel: ChannelName, lock: CellLock) {
  return { path: `kinds.${kind}.${channel}`, message: `cannot be switched: ${WHY[lock]}` };
}

function lockedCells(errors: readonly { path: string; message: string }[]): Problem {
  const [first] = errors;
  const detail = first && `${first.path} ${first.message}`;
  return new Problem(422, 'preference_locked', 'A setting cannot be changed', detail, { errors });
}
