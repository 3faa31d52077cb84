const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a link outlives its ticket: who has an objection to the solution has this long to come back. */
export const DAYS_AFTER_CLOSING = 30;

/** What the life of a link depends on. */
export interface LinkStanding {
  readonly revokedAt: Date | null;
  /** When its ticket was closed; null while that is open, or nothing is known of it yet. */
  readonly closedAt: Date | null;
}

/** A link lives until somebody revokes it, or its ticket has been closed for thirty days. Reopened, the ticket has it live again. */
export function isAlive({ revokedAt, closedAt }: LinkStanding, now: Date): boolean {
  return revokedAt === null && !isLongClosed(closedAt, now);
}

export function isLongClosed(closedAt: Date | null, now: Date): boolean {
  return closedAt !== null && now.getTime() - closedAt.getTime() >= DAYS_AFTER_CLOSING * DAY_MS;
}
