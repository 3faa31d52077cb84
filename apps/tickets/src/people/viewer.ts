/** The caller as the policy sees them, by a token or a guest's session. Where it may be null, nothing is known of the caller. */
export type Viewer = UserViewer | GuestViewer;

export interface UserViewer {
  readonly kind: 'user';
  readonly id: string;
  readonly isAgent: boolean;
}

export interface GuestViewer {
  readonly kind: 'guest';
  /** As `normaliseAddress` writes it. */
  readonly email: string;
  /** The tickets that the session has opened. */
  readonly ticketIds: readonly string[];
}
