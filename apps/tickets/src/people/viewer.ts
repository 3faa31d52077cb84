/** Who asks, with a token or with a guest's session. Null: nobody of whom anything is known. */
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
