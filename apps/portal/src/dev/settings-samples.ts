import { MAIL_DOUBTS, MAIL_REFUSALS } from '@bellhop/contracts/constants';
import type {
  CellLock,
  MailCheckReason,
  MailCheckResponse,
  MuteView,
  PreferencesResponse,
} from '@bellhop/contracts/http';
import type { CheckProblem } from '../customers/mail-check/mail.js';
import { problemOf } from '../shared/api.js';

type Row = PreferencesResponse['kinds'][number];

const cell = (isOn: boolean, lock: CellLock | null = null) => ({ isOn, isDefault: isOn, lock });
const row = (kind: Row['kind'], channels: Row['channels'], audience: Row['audience'] = 'customer'): Row => ({
  kind,
  audience,
  channels,
});
const on = { email: cell(true), push: cell(true), feed: cell(true) };

/** Everything that can be: a channel that is off as a whole, and a cell that is the last one. */
export const settings: PreferencesResponse = {
  channels: { email: true, push: false, feed: true },
  kinds: [
    row('created', { email: cell(true, 'receipt'), push: cell(false, 'not_on_channel'), feed: cell(true) }),
    row('replied', { ...on, email: cell(false), push: cell(false) }),
    row('promise_at_risk', { email: cell(true, 'last_channel'), push: cell(false), feed: cell(false) }, 'agent'),
  ],
  mailAfterMinutes: 60,
  isMailAfterDefault: false,
  quietHours: { from: '22:00', to: '07:00', days: ['mon', 'tue', 'wed', 'thu'] },
  locale: 'pl-PL',
  timeZone: 'America/Argentina/ComodRivadavia',
  effectiveTimeZone: 'America/Argentina/ComodRivadavia',
  hasPhrase: true,
  phrase: 'seven green herons',
};

export const mutes: readonly MuteView[] = [
  { ticketId: 'a', ticketNumber: '7K4M2Q', mutedAt: new Date().toISOString() },
  { ticketId: 'b', ticketNumber: null, mutedAt: '2025-11-28T12:00:00.000Z' },
];

export const guest = { address: 'j***@e***', expiresAt: new Date(Date.now() + 3_600_000).toISOString() };

const tooOld = problemOf(401, '{"code":"sign_in_too_old"}', null);
const idle = { isPending: false, isSuccess: false, error: null as unknown, mutate: () => undefined };
const none = { hasPhrase: false, phrase: null };

/** The phrase: none, refused, busy, too old twice, hidden, shown, unreadable. */
export const phrases = [
  { name: 'none', settings: none, save: idle },
  { name: 'wrong', settings: none, save: { ...idle, error: problemOf(422, '{"code":"invalid_request"}', null) } },
  { name: 'offline', settings: none, save: { ...idle, error: problemOf(0, '', null) } },
  { name: 'busy', settings: none, save: { ...idle, isPending: true } },
  { name: 'too old', settings: none, save: { ...idle, error: tooOld, variables: 'typed' } },
  { name: 'still too old', settings: none, save: { ...idle, error: tooOld }, returned: '' },
  { name: 'hidden', settings: { hasPhrase: true, phrase: null }, save: idle },
  { name: 'shown', settings, save: { ...idle, isSuccess: true, variables: 'seven green herons' } },
  { name: 'unreadable', settings: { hasPhrase: true, phrase: null }, save: idle, returned: '', isUnreadable: true },
].map((sample) => ({ returned: null, isUnreadable: false, ...sample }));

const answer = (verdict: MailCheckResponse['verdict'], reason: MailCheckReason | null): MailCheckResponse => ({
  ...{ verdict, reason, advice: '', mail: null },
});

export const verdicts: readonly MailCheckResponse[] = [
  { ...answer('ours', null), mail: { ticketNumber: '7K4M2Q', sentTo: 'j***@e***', sentAt: new Date().toISOString() } },
  ...MAIL_REFUSALS.map((reason) => answer('not_ours', reason)),
  ...MAIL_DOUBTS.map((reason) => answer('cannot_tell', reason)),
];

export const checkProblems: readonly (CheckProblem | null)[] = [
  null,
  { id: 'check.empty' },
  { id: 'check.tooLarge' },
  { id: 'check.notAMail' },
  { id: 'check.tooMany', values: { count: 14 } },
  { id: 'check.failed' },
  { id: 'problem.unreachable' },
];
