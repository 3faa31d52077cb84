import type { RpcResponse } from '@bellhop/contracts/rpc';

/** A guest who has proven a mailbox, and the tickets whose links were opened with it. */
export type GuestSession = NonNullable<RpcResponse<'readSession'>>;

/** Knows whose session a cookie is. Given by the app: services that know no guests have none. */
export abstract class GuestSessions {
  /**
   * @param token the value of the cookie, which may be anything
   * @returns null when it is nobody's session, or one that is over
   * @throws Problem 503 while nobody can tell
   */
  abstract find(token: string): Promise<GuestSession | null>;
}
