import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { GuestSession } from './guest-sessions.js';
import type { Identity } from './identity.js';

export const ACCESS = 'bellhop:access';

export type Access =
  | { kind: 'public' | 'optional-sign-in' | 'signed-in' }
  | { kind: 'signed-in-or-guest'; isUse: boolean }
  | { kind: 'roles'; roles: readonly string[] };

/** The route (or every route of the controller) is for everybody; a token that comes with the request is ignored. */
export const Public = () => SetMetadata<string, Access>(ACCESS, { kind: 'public' });

/** The route is for everybody with a valid token. Who may see which ticket is the app's own decision. */
export const SignedIn = () => SetMetadata<string, Access>(ACCESS, { kind: 'signed-in' });

/** The route is for people whose token carries at least one of these roles. */
export const Roles = (...roles: [string, ...string[]]) => SetMetadata<string, Access>(ACCESS, { kind: 'roles', roles });

/**
 * The route is for everybody with a valid token, and without one for guests with a session.
 * @param options.isUse false: pages call it by themselves, so it does not keep an idle session alive
 */
export const SignedInOrGuest = ({ isUse = true } = {}) =>
  SetMetadata<string, Access>(ACCESS, { kind: 'signed-in-or-guest', isUse });

/** The route is for everybody. A token or a guest's session that comes with the request is verified, and a broken token refused. */
export const OptionalSignIn = () => SetMetadata<string, Access>(ACCESS, { kind: 'optional-sign-in' });

/** Whether only people with some role may use the route. */
export function isForRoles(reflector: Reflector, context: ExecutionContext): boolean {
  const access = reflector.getAllAndOverride<Access | undefined>(ACCESS, [context.getHandler(), context.getClass()]);
  return access?.kind === 'roles';
}

export interface RequestWithIdentity {
  identity?: Identity;
  guest?: GuestSession;
  /**
   * `guest` as the session is now, for what outlasts the request; null when it has ended. It is no use of the session.
   * @throws Problem 503 while sessions cannot be read
   */
  guestNow?: () => Promise<GuestSession | null>;
}

/** The person behind the request. Only on routes with `@SignedIn()` or `@Roles(…)`. */
export const CurrentIdentity = createParamDecorator((_: unknown, context: ExecutionContext): Identity => {
  const { identity } = context.switchToHttp().getRequest<RequestWithIdentity>();
  if (!identity) throw new Error('@CurrentIdentity() needs @SignedIn() or @Roles(…) on the route');
  return identity;
});
