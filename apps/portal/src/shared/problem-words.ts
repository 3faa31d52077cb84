import { ApiProblem } from './api.js';
import type { MessageId } from './intl.js';

const BY_CODE: Record<string, MessageId> = {
  unreachable: 'problem.unreachable',
  sign_in_required: 'problem.signIn',
  ticket_not_found: 'problem.notFound',
  ticket_closed: 'problem.closed',
  ticket_unverified: 'problem.unproven',
  conversation_full: 'problem.full',
  too_many_messages: 'problem.tooManyMessages',
  too_many_tickets: 'problem.tooManyTickets',
  over_budget: 'problem.overBudget',
  too_many_uploads: 'problem.tooManyUploads',
  ticket_files_full: 'problem.filesFull',
  file_type_not_allowed: 'file.type',
  file_empty: 'file.empty',
  too_large: 'file.tooLarge',
  file_too_large: 'file.tooLarge',
  attachment_not_found: 'problem.fileGone',
  storage_full: 'problem.storage',
  storage_unavailable: 'problem.storage',
  invalid_request: 'problem.invalid',
  preference_locked: 'settings.lastChannel',
  too_many_mutes: 'problem.tooManyMutes',
  sign_in_too_old: 'phrase.tooOld',
  request_in_progress: 'problem.inProgress',
};

/** The sentence for the code of a problem: what happened and what to do. */
export function problemWords(code: string): MessageId {
  return BY_CODE[code] ?? 'problem.other';
}

export function codeOf(error: unknown): string {
  if (!(error instanceof ApiProblem)) return 'unknown';
  if (error.status === 404 && error.code === 'not_found') return 'ticket_not_found';
  if (error.code === 'sign_in_too_old') return error.code;
  return error.status === 401 ? 'sign_in_required' : error.code;
}
