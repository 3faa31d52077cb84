import type { EntityManager } from 'typeorm';
import type { ChallengePurpose } from './challenge.js';
import type { OpenedChallenge } from './challenge-view.js';

interface Place {
  readonly purpose: ChallengePurpose;
  readonly ticketId: string;
  readonly browserHash: Buffer;
}

/** in: purpose, ticket and browser · out: the challenge of theirs that stands, or null · lock: none · race: none. */
export async function findStanding(
  manager: EntityManager,
  { purpose, ticketId, browserHash }: Place,
): Promise<OpenedChallenge | null> {
  const [row]: (OpenedChallenge | undefined)[] = await manager.query(
    `select id, email, expires_at as "expiresAt" from challenges
     where purpose = $1 and ticket_id = $2 and browser_hash = $3`,
    [purpose, ticketId, browserHash],
  );
  return row ?? null;
}
