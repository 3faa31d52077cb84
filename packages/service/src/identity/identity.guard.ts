import { type CanActivate, type ExecutionContext, Inject, Injectable, Optional } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';
import { ACCESS, type Access, type RequestWithIdentity } from './access.decorators.js';
import { TokenVerifier } from './token-verifier.js';

/** Decides for every HTTP route who may call it. A route that says nothing is closed. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Optional() @Inject(TokenVerifier) private readonly verifier?: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access?.kind === 'public') return true;
    if (!access || !this.verifier) throw forbidden('Nobody may use this route.');
    const request = context.switchToHttp().getRequest<FastifyRequest & RequestWithIdentity>();
    const identity = await this.verifier.verify(bearerToken(request.headers.authorization));
    if (access.kind === 'roles' && !access.roles.some((role) => identity.roles.includes(role))) {
      throw forbidden(`This needs the role ${access.roles.join(' or ')}.`);
    }
    request.identity = identity;
    return true;
  }
}

function bearerToken(header: string | undefined): string {
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header ?? '')?.[1];
  if (token) return token;
  throw new Problem(401, 'sign_in_required', 'Sign in first', 'Send "Authorization: Bearer <access token>".', {
    headers: { 'www-authenticate': 'Bearer realm="bellhop"' },
  });
}

function forbidden(detail: string): Problem {
  return new Problem(403, 'forbidden', 'Not allowed', detail);
}
