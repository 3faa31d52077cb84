import type { FastifyReply, FastifyRequest } from 'fastify';
import { type SessionKeys, seal, unseal } from '../session/sealing.js';
import { COOKIE_FLAGS } from '../session/session-cookies.js';
import type { PendingSignIn } from './open-id.js';

const MAX_AGE_SECONDS = 15 * 60;
/** Tabs that sign in at the same time; whoever begins more has left the others. */
const MOST = 4;
const PREFIX = '__Host-bellhop.sign-in.';

/** A cookie for each sign-in that has begun, by its state: two tabs do not disturb each other. */
export class PendingCookies {
  constructor(private readonly keys: SessionKeys) {}

  async write(request: FastifyRequest, reply: FastifyReply, pending: PendingSignIn): Promise<void> {
    const others = Object.keys(request.cookies).filter((name) => name.startsWith(PREFIX));
    if (others.length >= MOST) for (const name of others) reply.clearCookie(name, COOKIE_FLAGS);
    const sealed = await seal(pending, this.keys);
    reply.setCookie(nameOf(pending.state), sealed, { ...COOKIE_FLAGS, maxAge: MAX_AGE_SECONDS });
  }

  /** Reads it once. Undefined when this browser has begun no such sign-in. */
  async take(request: FastifyRequest, reply: FastifyReply, state: unknown): Promise<PendingSignIn | undefined> {
    if (typeof state !== 'string' || !/^[\w-]{20,100}$/.test(state)) return undefined;
    const sealed = request.cookies[nameOf(state)];
    if (sealed === undefined) return undefined;
    reply.clearCookie(nameOf(state), COOKIE_FLAGS);
    const pending = await unseal<PendingSignIn>(sealed, this.keys);
    return pending?.state === state ? pending : undefined;
  }
}

function nameOf(state: string): string {
  return PREFIX + state.slice(0, 12);
}
