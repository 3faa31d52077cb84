import type { OpenChallengeResponse } from '@bellhop/contracts/http';
import { maskAddress } from '@bellhop/contracts/persons';
import type { challengePurpose } from '@bellhop/contracts/rpc';
import type { z } from 'zod';

export type ChallengePurpose = z.infer<typeof challengePurpose>;

export const CODE_LIFE_SECONDS = 10 * 60;
export const MAX_TRIES = 5;

/** A challenge whose code was sent, as far as is known. */
export interface OpenChallenge {
  readonly id: string;
  /** Normalised. */
  readonly email: string;
  readonly expiresAt: Date;
}

/** A challenge with the current try. */
export interface TriedChallenge {
  /** Including this one. */
  readonly tries: number;
  readonly isExpired: boolean;
  readonly isSpent: boolean;
  /** Whether the same request spent it before, and its answer was lost. */
  readonly isRepeated: boolean;
}

/** `gone`: no code works for this challenge any more. */
export type CodeCheck = { kind: 'right' } | { kind: 'gone' } | { kind: 'wrong'; triesLeft: number };

/** Once the challenge is over, a right code is refused like a wrong one. */
export function checkCode({ tries, isExpired, isSpent, isRepeated }: TriedChallenge, isRight: boolean): CodeCheck {
  if (isExpired || tries > MAX_TRIES || (isSpent && !isRepeated)) return { kind: 'gone' };
  return isRight ? { kind: 'right' } : { kind: 'wrong', triesLeft: MAX_TRIES - tries };
}

/** What may be told to whoever requested the code. */
export function challengeView({ id, email, expiresAt }: OpenChallenge): OpenChallengeResponse {
  return { challengeId: id, sentTo: maskAddress(email), expiresAt: expiresAt.toISOString() };
}
