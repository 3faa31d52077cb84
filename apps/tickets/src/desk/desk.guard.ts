import { nothingHere, Problem } from '@bellhop/http';
import { type Identity } from '@bellhop/service';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { callerOf } from '../people/caller.js';
import { mayUseDesk } from '../tickets/ticket-policy.js';

/**
 * To everybody but agents the desk does not exist. An agent needs an address: notes are signed with it, tickets are
 * assigned by it, and alerts go there.
 */
@Injectable()
export class DeskGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { identity } = context.switchToHttp().getRequest<{ identity?: Identity }>();
    const caller = identity && callerOf(identity);
    if (!caller || !mayUseDesk(caller.viewer)) throw nothingHere();
    if (caller.person.email) return true;
    throw new Problem(
      403,
      'agent_address_missing',
      'Your account has no address',
      'The desk needs the claim `email` in the token: add an address to the account, or the scope `email` to the client.',
    );
  }
}
