import { z } from 'zod';
import { MAIL_AFTER_MINUTES, MAX_PHRASE_LENGTH, MIN_PHRASE_LENGTH } from '../constants/limits.js';
import { WEEKDAYS } from '../constants/words.js';
import { timestamp } from '../events/envelope.js';
import { readLocale } from '../persons/locale.js';
import { identifier } from '../persons/persons.js';
import { readTimezone } from '../persons/timezone.js';
import { feedKind } from './feed.js';
import { writtenLine } from './text.js';

/** How long a mail waits for its push to be seen. */
const mailAfterMinutes = z.literal(MAIL_AFTER_MINUTES, { error: 'must be 0, 15, 60 or 240 minutes' });

const localTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "22:00"');

/**
 * When pushes wait, in the person's own time zone. `to` before `from` is on the next day; both the same: never. A local time that the
 * clock skips in spring is moved forward by the hour that is skipped; of one that comes twice in autumn, the first counts.
 */
export const quietHours = z.object({
  from: localTime,
  to: localTime,
  /** The days on which they begin. */
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1, 'must name at least one day')
    .refine((days) => new Set(days).size === days.length, 'must name no day twice')
    .default([...WEEKDAYS]),
});

const knownLocale = z
  .string()
  .transform((tag, context) => readLocale(tag) ?? refused(context, 'must be a language tag such as "pl" or "pl-PL"'));
/** Abbreviations are refused, though events may have them: `IST` is a zone in three countries. */
const knownTimeZone = z.string().transform((text, context) => {
  const zone = readTimezone(text);
  if (zone !== undefined && (zone === 'UTC' || zone.includes('/'))) return zone;
  return refused(context, 'must be an IANA zone such as "Europe/Warsaw"');
});

function refused(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

const switches = z.strictObject({
  email: z.boolean().optional(),
  push: z.boolean().optional(),
  feed: z.boolean().optional(),
});

/**
 * `PUT /notifications/preferences` → 200 with {@link preferencesResponse}. It replaces all settings: what is left out is as by default, and
 * so is a kind that comes later. 422 `preference_locked` for a cell that cannot be switched, with its reason.
 */
export const preferencesRequest = z.object({
  /** The master switch of each channel. Whichever says off counts: a cell does not bring back what the master switch takes away. */
  channels: switches.default({}),
  /** Single cells: `{"replied": {"email": false}}`. */
  kinds: z.partialRecord(feedKind, switches).default({}),
  /** Null: by default 15 for agents, 0 for everybody else. */
  mailAfterMinutes: mailAfterMinutes.nullable().default(null),
  quietHours: quietHours.nullable().default(null),
  /** Null: as the sign-in says. */
  locale: knownLocale.nullable().default(null),
  timeZone: knownTimeZone.nullable().default(null),
});

/** Why a cell is as it is, whatever the person says. */
const cellLock = z.enum([
  /** The receipt of a new ticket always comes by mail. */
  'receipt',
  /** This channel does not tell of it. */
  'not_on_channel',
  /** An agent must hear of it on one channel at least: this is the last one. */
  'last_channel',
]);

const cell = z.object({ isOn: z.boolean(), isDefault: z.boolean(), lock: cellLock.nullable() });
const cells = z.object({ email: cell, push: cell, feed: cell });

/** `GET /notifications/preferences`: what reaches the caller where and when. */
export const preferencesResponse = z.object({
  channels: z.object({ email: z.boolean(), push: z.boolean(), feed: z.boolean() }),
  /** One row for each kind that can reach the caller, who has to be an agent for some. */
  kinds: z.array(z.object({ kind: feedKind, audience: z.enum(['customer', 'agent']), channels: cells })),
  /** What applies; null is not an answer here. */
  mailAfterMinutes,
  isMailAfterDefault: z.boolean(),
  quietHours: quietHours.nullable(),
  locale: z.string().nullable(),
  timeZone: z.string().nullable(),
  /** The zone that quiet hours are in: the caller's setting, else the one of the event, which is mostly that of the sign-in, else UTC. */
  effectiveTimeZone: z.string(),
  hasPhrase: z.boolean(),
  /** Their own words, which stand in every mail about a ticket of theirs. Null without a recent sign-in, as for setting it. */
  phrase: z.string().nullable(),
});

/** `PUT /notifications/mutes/:ticketId` and `DELETE` of it → 204. A muted ticket reaches the person on no channel. */
const muteView = z.object({ ticketId: identifier, ticketNumber: z.string().nullable(), mutedAt: timestamp });
/** `GET /notifications/mutes`: newest first. */
export const listMutesResponse = z.object({ items: z.array(muteView) });

/**
 * `PUT /notifications/phrase` → 204; null removes it. 401 `sign_in_too_old` where the caller signed in more than ten minutes ago, with
 * `max_age` in `WWW-Authenticate` (RFC 9470): whoever holds an old session must not learn to look like us.
 */
export const phraseRequest = z.object({
  phrase: writtenLine(MAX_PHRASE_LENGTH)
    .min(MIN_PHRASE_LENGTH, `must have at least ${MIN_PHRASE_LENGTH} characters`)
    .refine((text) => !/:\/\/|www\.|@/i.test(text), 'must not look like a link or an address')
    .nullable(),
});

export type MailAfterMinutes = (typeof MAIL_AFTER_MINUTES)[number];
export type QuietHours = z.infer<typeof quietHours>;
export type PreferencesRequest = z.infer<typeof preferencesRequest>;
export type PreferencesResponse = z.infer<typeof preferencesResponse>;
export type CellLock = z.infer<typeof cellLock>;
export type MuteView = z.infer<typeof muteView>;
export type PhraseRequest = z.infer<typeof phraseRequest>;
