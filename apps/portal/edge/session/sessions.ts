import { type Log, Problem } from '@bellhop/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type OpenId, SignInEndedError } from '../sign-in/open-id.js';
import { Renewals } from './renewals.js';
import type { Session } from './session.js';
import type { SessionCookies } from './session-cookies.js';

/** Renewed this long before its end, so that it does not end on its way to a service. */
const EARLY_MS = 30_000;

/** The session of a request, renewed when it is time. */
export class Sessions {
  private readonly renewals: Renewals;

  constructor(
    private readonly cookies: SessionCookies,
    openId: OpenId,
    private readonly log: Log,
  ) {
    this.renewals = new Renewals((session, refreshToken) => openId.renew(session, refreshToken));
  }

  /**
   * Undefined for who is not signed in, or no longer. A renewed session is sent back as cookies.
   *
   * @throws Problem 503 `sign_in_unavailable` when it has ended and the provider cannot renew it now; the browser keeps it
   */
  async current(request: FastifyRequest, reply: FastifyReply): Promise<Session | undefined> {
    const session = await this.cookies.read(request);
    if (!session) return undefined;
    if (Date.now() < session.expiresAt - EARLY_MS) return session;
    if (!session.refreshToken) return this.unlessEnded(session, reply);
    try {
      const renewed = await this.renewals.of(session, session.refreshToken);
      await this.cookies.write(reply, renewed);
      return renewed;
    } catch (error) {
      // As long as the token is good it is used: another request, or another replica, may have renewed it.
      if (Date.now() < session.expiresAt) return session;
      if (error instanceof SignInEndedError) return this.unlessEnded(session, reply);
      this.log.warn({ message: 'a session could not be renewed: the OpenID provider is away', error });
      throw signInUnavailable(error);
    }
  }

  private unlessEnded(session: Session, reply: FastifyReply): Session | undefined {
    if (Date.now() < session.expiresAt) return session;
    this.cookies.clear(reply);
    return undefined;
  }
}

function signInUnavailable(cause: unknown): Problem {
  const detail = 'The OpenID provider does not answer. Try again in a few seconds.';
  const extra = { headers: { 'retry-after': '5' }, cause };
  return new Problem(503, 'sign_in_unavailable', 'Signing in is not possible at the moment', detail, extra);
}
