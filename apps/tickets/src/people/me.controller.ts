import { ROLES } from '@bellhop/contracts/constants';
import type { MeResponse } from '@bellhop/contracts/http';
import { maskAddress } from '@bellhop/contracts/persons';
import { type RequestWithIdentity, SignedInOrGuest } from '@bellhop/service';
import { Controller, Get, Req, UseInterceptors } from '@nestjs/common';
import type { Caller } from './caller.js';
import { CurrentCaller, RememberCaller } from './remember-caller.interceptor.js';

/** Tells pages for whom they are shown. */
@UseInterceptors(RememberCaller)
@Controller('me')
export class MeController {
  @SignedInOrGuest({ isUse: false })
  @Get()
  who(@CurrentCaller() { person }: Caller, @Req() { identity, guest }: RequestWithIdentity): MeResponse {
    if (person.kind === 'guest') {
      const address = maskAddress(person.email);
      return { kind: 'guest', address, locale: null, roles: [], expiresAt: guest?.expiresAt ?? ENDED };
    }
    const roles = ROLES.filter((role) => identity?.roles.includes(role));
    const expiresAt = identity?.expiresAt?.toISOString() ?? ENDED;
    return { kind: 'user', id: person.id, locale: person.locale ?? null, roles, expiresAt };
  }
}

/** Of a token or session that does not say when: none gets this far. */
const ENDED = new Date(0).toISOString();
