import type { challengePurpose } from '@bellhop/contracts/rpc';
import type { z } from 'zod';

export type ChallengePurpose = z.infer<typeof challengePurpose>;

export const CODE_LIFE_SECONDS = 10 * 60;
export const MAX_TRIES = 5;

/** A challenge with the try at hand. */
export interface TriedChallenge {
  /** Counting this one. */
  readonly tries: number;
  readonly isExpired: boolean;
  readonly isSpent: boolean;
  /** Whether it was this very request that spent it, and its answer was lost. */
  readonly isRepeated: boolean;
}

/** `gone`: whatever was typed, nothing works here any more. */
export type Verdict = { kind: 'right' } | { kind: 'gone' } | { kind: 'wrong'; triesLeft: number };

/** Judges a typed code. Whether it is the right one counts for nothing once the challenge is over. */
export function judge({ tries, isExpired, isSpent, isRepeated }: TriedChallenge, isRight: boolean): Verdict {
  if (isExpired || tries > MAX_TRIES || (isSpent && !isRepeated)) return { kind: 'gone' };
  return isRight ? { kind: 'right' } : { kind: 'wrong', triesLeft: MAX_TRIES - tries };
}

/** `jana@example.com` → `j***@e***`: who knows the address recognises it, nobody else learns it. */
export function maskAddress(email: string): string {
  const at = email.lastIndexOf('@');
  return `${email.slice(0, 1)}***@${email.slice(at + 1, at + 2)}***`;
}
