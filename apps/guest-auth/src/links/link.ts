const DAY_MS = 24 * 60 * 60 * 1000;

/** How long links work after their ticket was closed, so that the guest can still object to the solution. */
export const DAYS_AFTER_CLOSING = 30;

/** What decides whether a link still works. */
export interface LinkState {
  readonly revokedAt: Date | null;
  /** When its ticket was closed; null while it is open, or unknown. */
  readonly closedAt: Date | null;
}

/** A link works until it is revoked, or its ticket has been closed for thirty days. Reopening the ticket makes it work again. */
export function isAlive({ revokedAt, closedAt }: LinkState, now: Date): boolean {
  return revokedAt === null && !isLongClosed(closedAt, now);
}

export function isLongClosed(closedAt: Date | null, now: Date): boolean {
  return closedAt !== null && now.getTime() - closedAt.getTime() >= DAYS_AFTER_CLOSING * DAY_MS;
}
