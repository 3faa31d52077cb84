import type { RequestWithIdentity } from '@bellhop/service';
import { callerOf, guestCallerOf } from '../people/caller.js';
import { personKey } from '../people/person.js';
import type { Viewer } from '../people/viewer.js';

/** Who reads a stream of a ticket. */
export interface Reader {
  /** Each has five streams at most. */
  readonly person: string;
  /** When the token or the session ends, in milliseconds since 1970. */
  readonly endsAt: number;
  /** As the caller was when the stream began. */
  readonly viewer: Viewer;
  /**
   * As the caller is now; null when the guest's session has ended.
   * @throws Problem 503 while nobody knows
   */
  viewerNow(): Promise<Viewer | null>;
}

/** On routes with `@SignedInOrGuest()`. */
export function readerOf({ identity, guest, guestNow }: RequestWithIdentity): Reader {
  if (identity) {
    const { viewer } = callerOf(identity);
    // A token holds until it ends.
    return { person: viewer.id, endsAt: identity.expiresAt?.getTime() ?? 0, viewer, viewerNow: async () => viewer };
  }
  if (!guest || !guestNow) throw new Error('readerOf() needs @SignedInOrGuest() on the route');
  const { person, viewer } = guestCallerOf(guest);
  const viewerNow = async () => {
    const session = await guestNow();
    return session && guestCallerOf(session).viewer;
  };
  return { person: personKey(person), endsAt: Date.parse(guest.expiresAt), viewer, viewerNow };
}
