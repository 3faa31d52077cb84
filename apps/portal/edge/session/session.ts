import type { SessionPerson } from '@bellhop/contracts/http';

/** Who is signed in, and what proves it to the services. It lives in cookies of the browser, sealed, and nowhere here. */
export interface Session {
  readonly person: SessionPerson;
  /** A JWT for the services. No script of a page ever sees it. */
  readonly accessToken: string;
  /** When it ends, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** Left out: after `expiresAt` the person signs in again. */
  readonly refreshToken?: string;
  /** Tells the provider whom to sign out. Left out where there is no room for it; then it asks. */
  readonly idToken?: string;
}
