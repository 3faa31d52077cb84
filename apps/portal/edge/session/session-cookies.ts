import { Problem } from '@bellhop/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type SessionKeys, seal, unseal } from './sealing.js';
import type { Session } from './session.js';

/** Browsers refuse a cookie of more than 4,096 bytes, its name included (RFC 6265bis §5.6). */
const PIECE_LENGTH = 4_000;
const PIECES = 3;
/** How long a browser keeps a session that can be renewed; the provider decides how long that works. */
const RENEWABLE_SECONDS = 14 * 24 * 3_600;
const KEPT_OPEN = 1_000;

const nameOf = (piece: number) => `__Host-bellhop.${piece}`;
const NAMES = Array.from({ length: PIECES }, (_, piece) => nameOf(piece));

export const COOKIE_FLAGS = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const;

/** `name=value` of a cookie of the edge itself: no service needs to see it. */
export const isOwnCookie = (cookie: string): boolean => cookie.startsWith('__Host-bellhop.');

/** A session as cookies: sealed, and cut into as many as it takes. */
export class SessionCookies {
  /** Opened sessions by their sealed text, the newest last: to open one takes longer than the rest of a request. */
  private readonly opened = new Map<string, Session>();

  constructor(private readonly keys: SessionKeys) {}

  async read({ cookies }: FastifyRequest): Promise<Session | undefined> {
    const sealed = NAMES.map((name) => cookies[name] ?? '').join('');
    if (sealed === '') return undefined;
    const known = this.opened.get(sealed);
    if (known) return known;
    const session = await unseal<Session>(sealed, this.keys);
    if (session) this.keep(sealed, session);
    return session;
  }

  /** @throws Problem 400 `session_too_large` */
  async write(reply: FastifyReply, session: Session): Promise<void> {
    const sealed = await this.sealed(session);
    const maxAge = session.refreshToken
      ? RENEWABLE_SECONDS
      : Math.max(0, Math.floor((session.expiresAt - Date.now()) / 1_000));
    NAMES.forEach((name, at) => {
      const piece = sealed.slice(at * PIECE_LENGTH, (at + 1) * PIECE_LENGTH);
      if (piece) reply.setCookie(name, piece, { ...COOKIE_FLAGS, maxAge });
      else reply.clearCookie(name, COOKIE_FLAGS);
    });
  }

  clear(reply: FastifyReply): void {
    for (const name of NAMES) reply.clearCookie(name, COOKIE_FLAGS);
  }

  private async sealed(session: Session): Promise<string> {
    const { idToken: _, ...withoutIdToken } = session;
    for (const one of [session, withoutIdToken]) {
      const text = await seal(one, this.keys);
      if (text.length <= PIECES * PIECE_LENGTH) return text;
    }
    const detail = `Its tokens take more than ${PIECES * PIECE_LENGTH} bytes. Have the provider put less into them.`;
    throw new Problem(400, 'session_too_large', 'The session does not fit into cookies', detail);
  }

  private keep(sealed: string, session: Session): void {
    if (this.opened.size >= KEPT_OPEN) this.opened.delete(this.opened.keys().next().value as string);
    this.opened.set(sealed, session);
  }
}
