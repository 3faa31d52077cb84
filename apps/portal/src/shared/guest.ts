import type { OpenChallengeResponse, VerificationResponse } from '@bellhop/contracts/http';
import { ApiProblem, call, callWithClock } from './api.js';

/** A code that was mailed. `endsAt`: by the clock of this device, in milliseconds since 1970. */
export interface Challenge {
  readonly id: string;
  /** Masked. */
  readonly sentTo: string | null;
  readonly endsAt: number | null;
}

export type Opening =
  | { kind: 'code'; challenge: Challenge }
  | { kind: 'open'; ticketId: string }
  | { kind: 'dead' }
  | { kind: 'wait'; minutes: number }
  | { kind: 'unreachable' };

export type Checking =
  | { kind: 'open'; ticketId: string }
  | { kind: 'wrong'; triesLeft: number }
  | { kind: 'gone' }
  | { kind: 'wait'; minutes: number }
  | { kind: 'unreachable' };

/** Has a code sent to the mailbox of a link. The same key again: no second mail. */
export async function askForCode(link: string, idempotencyKey: string): Promise<Opening> {
  try {
    const options = { method: 'POST', body: { link }, idempotencyKey } as const;
    const { answer, aheadMs } = await callWithClock<OpenChallengeResponse | VerificationResponse>(
      '/api/guest/challenges',
      options,
    );
    if ('ticketId' in answer) return { kind: 'open', ticketId: answer.ticketId };
    const { challengeId: id, sentTo, expiresAt } = answer;
    return { kind: 'code', challenge: { id, sentTo, endsAt: Date.parse(expiresAt) + aheadMs } };
  } catch (error) {
    const problem = problemIn(error);
    if (problem.status === 404) return { kind: 'dead' };
    return waitOf(problem) ?? { kind: 'unreachable' };
  }
}

/** The same key again: the first answer again, also of a right code. */
export async function checkCode(challengeId: string, code: string, idempotencyKey: string): Promise<Checking> {
  try {
    const path = `/api/guest/challenges/${challengeId}/verification`;
    const { ticketId } = await call<VerificationResponse>(path, { method: 'POST', body: { code }, idempotencyKey });
    return { kind: 'open', ticketId };
  } catch (error) {
    const problem = problemIn(error);
    if (problem.code === 'wrong_code') return { kind: 'wrong', triesLeft: problem.triesLeft ?? 0 };
    if (problem.status === 410) return { kind: 'gone' };
    return waitOf(problem) ?? { kind: 'unreachable' };
  }
}

export type Requested =
  | { kind: 'sent' }
  | { kind: 'wait'; minutes: number }
  | { kind: 'invalid' }
  | { kind: 'unreachable' };

/** A new link by mail. The answer is the same whether such a ticket exists or not. */
export async function askForLink(number: string, email: string, idempotencyKey: string): Promise<Requested> {
  try {
    await call('/api/guest/links', { method: 'POST', body: { number, email }, idempotencyKey });
    return { kind: 'sent' };
  } catch (error) {
    const problem = problemIn(error);
    if (problem.code === 'invalid_request') return { kind: 'invalid' };
    return waitOf(problem) ?? { kind: 'unreachable' };
  }
}

function waitOf({ status, retryAfterSeconds }: ApiProblem): { kind: 'wait'; minutes: number } | null {
  return status === 429 ? { kind: 'wait', minutes: Math.ceil((retryAfterSeconds ?? 60) / 60) } : null;
}

function problemIn(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  throw error;
}
