import type { CellLock, FeedKind, MailAfterMinutes, QuietHours } from '@bellhop/contracts/http';
import type { ChannelName } from './plan.js';
import type { Role } from './recipients.js';

/** What a person has decided about their notifications. */
export interface PersonSettings {
  /** What they have switched off: {@link cellOf} of a kind or of {@link ALL_KINDS} on a channel. */
  readonly off: ReadonlySet<string>;
  /** Null: by default. */
  readonly mailAfterMinutes: MailAfterMinutes | null;
  readonly quietHours: QuietHours | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
}

export const DEFAULT_SETTINGS: PersonSettings = {
  off: new Set(),
  mailAfterMinutes: null,
  quietHours: null,
  locale: null,
  timeZone: null,
};

export const ALL_KINDS = '*';

/** One cell of the matrix, as a rule is named in explanations: `replied.email`, `*.push`. */
export function cellOf(kind: FeedKind | typeof ALL_KINDS, channel: ChannelName): string {
  return `${kind}.${channel}`;
}

/** Cells that are as they are, whatever a person says. */
const LOCKS: ReadonlyMap<string, { readonly isOn: boolean; readonly lock: CellLock }> = new Map([
  [cellOf('created', 'email'), { isOn: true, lock: 'receipt' }],
  [cellOf('created', 'push'), { isOn: false, lock: 'not_on_channel' }],
]);

export function lockOf(kind: FeedKind, channel: ChannelName) {
  return LOCKS.get(cellOf(kind, channel));
}

/** The person's rule that keeps a kind off a channel; null: it is on. What they have said nothing about is on, new kinds as well. */
export function ruleAgainst({ off }: Pick<PersonSettings, 'off'>, kind: FeedKind, channel: ChannelName): string | null {
  // Most people have switched off nothing.
  if (off.size === 0 || lockOf(kind, channel)) return null;
  const rules = [cellOf(kind, channel), cellOf(ALL_KINDS, channel)];
  return rules.find((rule) => off.has(rule)) ?? null;
}

/** Agents sit in front of the page: their mail is for what they miss there. */
export function mailAfterMinutes(settings: PersonSettings, role: Role): MailAfterMinutes {
  return settings.mailAfterMinutes ?? defaultMailAfterMinutes(role === 'assignee');
}

export function defaultMailAfterMinutes(isAgent: boolean): MailAfterMinutes {
  return isAgent ? 15 : 0;
}
