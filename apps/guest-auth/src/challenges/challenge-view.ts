import type { OpenChallengeResponse } from '@bellhop/contracts/http';
import { maskAddress } from './challenge.js';

/** A challenge whose code is on its way. */
export interface OpenedChallenge {
  readonly id: string;
  readonly email: string;
  readonly expiresAt: Date;
}

/** What may be told of it to whoever asked. */
export function challengeView({ id, email, expiresAt }: OpenedChallenge): OpenChallengeResponse {
  return { challengeId: id, sentTo: maskAddress(email), expiresAt: expiresAt.toISOString() };
}
