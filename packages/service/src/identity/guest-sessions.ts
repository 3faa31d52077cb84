import type { RpcResponse } from '@bellhop/contracts/rpc';

/** A guest who has proven a mailbox, and the tickets whose links were opened with it. */
export type GuestSession = NonNullable<RpcResponse<'readSession'>>;

/** Finds the session of a cookie. Provided by the app; services without guests have none. */
export abstract class GuestSessions {
  /**
   * @param token the value of the cookie, which may be anything
   * @param isUse false: the session is only looked at, and its idle time goes on. Default true
   * @returns null when there is no such session, or it has ended
   * @throws Problem 503 while sessions cannot be read
   */
  abstract find(token: string, isUse?: boolean): Promise<GuestSession | null>;
}
