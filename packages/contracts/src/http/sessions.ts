import { z } from 'zod';
import { timestamp } from '../events/envelope.js';

/** Who is signed in, as the OpenID provider says. */
const sessionPerson = z.object({
  id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  /** As the provider writes it, such as `de-AT`. */
  locale: z.string().nullable(),
  roles: z.array(z.string()),
});

/**
 * `GET /auth/session` of the portal. Nobody is signed in: both are null. `expiresAt` is when the session is renewed or ends: ask again then.
 * 503 `sign_in_unavailable` while the provider cannot renew it.
 */
export const sessionResponse = z.object({ person: sessionPerson.nullable(), expiresAt: timestamp.nullable() });

/** `POST /auth/sign-out` of the portal, which has ended the session here. The page goes to `redirect`, where the provider ends its own. */
export const signOutResponse = z.object({ redirect: z.string() });

/**
 * Why a sign-in did not succeed: the start page is opened with `?sign_in=<reason>`. `expired`: it took too long, or was begun in another
 * browser; `cancelled`: by the person; `session_too_large`: the provider's tokens do not fit into cookies, which its operator has to change.
 */
export const signInFailure = z.enum(['cancelled', 'expired', 'failed', 'provider_unavailable', 'session_too_large']);

export type SessionPerson = z.infer<typeof sessionPerson>;
export type SessionResponse = z.infer<typeof sessionResponse>;
export type SignOutResponse = z.infer<typeof signOutResponse>;
export type SignInFailure = z.infer<typeof signInFailure>;
