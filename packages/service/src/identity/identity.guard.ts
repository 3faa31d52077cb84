import { GUEST_SESSION_COOKIE } from '@bellhop/contracts/http';
import { Problem } from '@bellhop/http';
import { type CanActivate, type ExecutionContext, Injectable, Optional } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ACCESS, type Access, type RequestWithIdentity } from './access.decorators.js';
import { GuestSessions } from './guest-sessions.js';
import { TokenVerifier } from './token-verifier.js';

type Request = FastifyRequest & RequestWithIdentity;

/** Decides for every HTTP route who may call it. A route without an access decorator is closed. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Optional() private readonly verifier?: TokenVerifier,
    @Optional() private readonly guestSessions?: GuestSessions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access?.kind === 'public') return true;
    if (!access || !this.verifier) throw forbidden('Nobody may use this route.');
    const request = context.switchToHttp().getRequest<Request>();
    await this.recognise(request, access, this.verifier);
    if (access.kind === 'roles' && !access.roles.some((role) => request.identity?.roles.includes(role))) {
      throw forbidden(`This needs the role ${access.roles.join(' or ')}.`);
    }
    return true;
  }

  /** A request with a token is judged by the token alone: if it is broken, a guest's cookie beside it does not count. */
  private async recognise(request: Request, access: Access, verifier: TokenVerifier): Promise<void> {
    const { authorization } = request.headers;
    const { kind } = access;
    const isForGuests = kind === 'signed-in-or-guest' || kind === 'optional-sign-in';
    if (authorization === undefined && isForGuests) {
      await this.recogniseGuest(request, access.kind !== 'signed-in-or-guest' || access.isUse);
      if (request.guest || kind === 'optional-sign-in') return;
      throw signInRequired(
        'Send "Authorization: Bearer <access token>"; as a guest, open your link and prove the address.',
      );
    }
    request.identity = await verifier.verify(bearerToken(authorization));
  }

  private async recogniseGuest(request: Request, isUse: boolean): Promise<void> {
    const { guestSessions } = this;
    const token = request.cookies[GUEST_SESSION_COOKIE];
    if (!guestSessions || token === undefined) return;
    const guest = await guestSessions.find(token, isUse);
    if (!guest) return;
    request.guest = guest;
    request.guestNow = () => guestSessions.find(token, false);
  }
}

function bearerToken(header: string | undefined): string {
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header ?? '')?.[1];
  if (token) return token;
  throw signInRequired('Send "Authorization: Bearer <access token>".');
}

export function signInRequired(detail: string): Problem {
  return new Problem(401, 'sign_in_required', 'Sign in first', detail, {
    headers: { 'www-authenticate': 'Bearer realm="bellhop"' },
  });
}

function forbidden(detail: string): Problem {
  return new Problem(403, 'forbidden', 'Not allowed', detail);
}
