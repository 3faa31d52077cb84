import { MAIL_DOUBTS, MAIL_REFUSALS, MAX_CHECKED_MAIL_BYTES } from '@bellhop/contracts/constants';
import type { MailCheckReason, MailCheckResponse } from '@bellhop/contracts/http';
import { ApiProblem } from '../../shared/api.js';
import type { MessageId } from '../../shared/intl.js';

/** A line break, an empty line, and something behind it. */
const BODY = /\r?\n[ \t]*\r?\n\s*\S/;

/** A mail as the service takes it: whole, or only the lines of its header. */
export function mailOfText(text: string): Blob {
  // Copied text often begins with empty lines.
  const mail = text.replace(/^\s+/, '');
  return new Blob([mail], { type: BODY.test(mail) ? 'message/rfc822' : 'text/plain' });
}

/** The bytes as the mail program has saved them: a signature covers each one. */
export function mailOfFile(file: Blob): Blob {
  return new Blob([file], { type: 'message/rfc822' });
}

/** What is wrong with a mail before anybody is asked; null: nothing. */
export function refusedBefore({ size }: Blob): CheckProblem | null {
  if (size === 0) return { id: 'check.empty' };
  return size > MAX_CHECKED_MAIL_BYTES ? { id: 'check.tooLarge' } : null;
}

export interface CheckProblem {
  readonly id: MessageId;
  readonly values?: Record<string, number>;
}

const BY_CODE: Record<string, MessageId> = {
  not_a_mail: 'check.notAMail',
  unreachable: 'problem.unreachable',
};

/** Why there is no answer, and what to do until there is one. */
export function problemOfCheck(error: unknown): CheckProblem {
  if (!(error instanceof ApiProblem)) return { id: 'check.failed' };
  if (error.status === 429) return { id: 'check.tooMany', values: { count: minutesOf(error) } };
  if (error.status === 413) return { id: 'check.tooLarge' };
  return { id: BY_CODE[error.code] ?? 'check.failed' };
}

const minutesOf = ({ retryAfterSeconds }: ApiProblem) => Math.max(1, Math.ceil((retryAfterSeconds ?? 60) / 60));

/** The reason in words; a reason that is newer than this page says less, and nothing wrong. */
export function reasonWords({ verdict, reason }: Pick<MailCheckResponse, 'verdict' | 'reason'>): MessageId {
  if (reason === null) return 'verdict.ours.why';
  return REASONS.includes(reason) ? `reason.${reason}` : `verdict.${verdict}.why`;
}

const REASONS: readonly MailCheckReason[] = [...MAIL_REFUSALS, ...MAIL_DOUBTS];
