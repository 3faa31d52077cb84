import {
  BROWSER_COOKIE,
  type SessionResponse,
  type SignInFailure,
  type SignOutResponse,
} from '@bellhop/contracts/http';
import { type Log, Problem } from '@bellhop/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import type { Session } from '../session/session.js';
import type { SessionCookies } from '../session/session-cookies.js';
import type { Sessions } from '../session/sessions.js';
import type { OpenId } from './open-id.js';
import { PendingCookies } from './pending-cookies.js';
import { returnTo, START_PAGE } from './return-to.js';

/** Nobody waits longer for what is only good to have. */
const PATIENCE_MS = 3_000;

export interface SignInParts {
  readonly config: Config;
  readonly openId: OpenId;
  readonly cookies: SessionCookies;
  readonly sessions: Sessions;
  readonly log: Log;
}

export async function signInRoutes(server: FastifyInstance, parts: SignInParts): Promise<void> {
  const { config, openId, cookies, sessions, log } = parts;
  const pendings = new PendingCookies(config.SESSION_KEY);
  // What a body of these says is of no interest.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });

  server.get('/auth/sign-in', async (request: FastifyRequest<{ Querystring: SignInQuery }>, reply) => {
    try {
      const { return_to, fresh } = request.query;
      const { url, pending } = await openId.begin(returnTo(return_to), fresh !== undefined);
      await pendings.write(request, reply, pending);
      return reply.redirect(url.href);
    } catch (error) {
      log.warn({ message: 'nobody can sign in: the OpenID provider is away', error });
      return failed(reply, 'provider_unavailable');
    }
  });

  server.get('/auth/callback', async (request: FastifyRequest<{ Querystring: Query }>, reply) => {
    const pending = await pendings.take(request, reply, request.query.state);
    // An old tab, the back button, or somebody else's sign-in that this browser was sent to.
    if (!pending) return failed(reply, 'expired');
    if (request.query.error === 'access_denied') return failed(reply, 'cancelled');
    try {
      const query = new URL(request.raw.url as string, config.PUBLIC_URL).search;
      await cookies.write(reply, await openId.finish(query, pending));
      return reply.redirect(pending.returnTo);
    } catch (error) {
      const isTooLarge = error instanceof Problem && error.code === 'session_too_large';
      log.error({ message: 'a sign-in failed', reason: isTooLarge ? error.message : undefined, error });
      return failed(reply, isTooLarge ? 'session_too_large' : 'failed');
    }
  });

  server.get('/auth/session', async (request, reply): Promise<SessionResponse> => {
    const session = await sessions.current(request, reply);
    if (!session) return { person: null, expiresAt: null };
    return { person: session.person, expiresAt: new Date(session.expiresAt).toISOString() };
  });

  server.post('/auth/sign-out', async (request, reply): Promise<SignOutResponse> => {
    const session = await cookies.read(request);
    cookies.clear(reply);
    await endPushes(request, config.NOTIFICATIONS_URL, log);
    if (!session) return { redirect: START_PAGE };
    const redirect = await signOutAtProvider(openId, session, log);
    return { redirect: redirect ?? START_PAGE };
  });
}

interface SignInQuery {
  readonly return_to?: unknown;
  /** The provider has to ask the person anew. */
  readonly fresh?: unknown;
}

interface Query {
  readonly state?: unknown;
  readonly error?: unknown;
}

/** The page says what it means, in the language of its reader. */
function failed(reply: FastifyReply, reason: SignInFailure): FastifyReply {
  return reply.redirect(`${START_PAGE}?sign_in=${reason}`);
}

/** Whoever uses this browser next gets none of this person's notifications, also if the page could not see to it. */
async function endPushes({ cookies }: FastifyRequest, notificationsUrl: string, log: Log): Promise<void> {
  const browser = cookies[BROWSER_COOKIE];
  if (browser === undefined) return;
  try {
    const { ok, status } = await fetch(new URL('/notifications/push-subscriptions', notificationsUrl), {
      method: 'DELETE',
      headers: { cookie: `${BROWSER_COOKIE}=${browser}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!ok) throw new Error(`notifications answered ${status}`);
  } catch (error) {
    log.warn({ message: 'a push subscription was not ended at sign-out: the page ends it in the browser', error });
  }
}

/** Signed out here already, whatever becomes of this. */
async function signOutAtProvider(openId: OpenId, session: Session, log: Log): Promise<string | undefined> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(reject, PATIENCE_MS, new Error('no answer within 3 s')).unref(),
  );
  try {
    const work = Promise.all([openId.signOutUrl(session), openId.revoke(session)]);
    const [url] = await Promise.race([work, late]);
    return url?.href;
  } catch (error) {
    log.warn({ message: 'a person was signed out here and not at the OpenID provider', error });
    return undefined;
  }
}
