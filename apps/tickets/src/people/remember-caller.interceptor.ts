import { principalsOf, type RequestWithIdentity } from '@bellhop/service';
import {
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { DataSource } from 'typeorm';
import { type Caller, callerOf, guestCallerOf, type UserCaller } from './caller.js';
import { rememberPerson } from './remember-person.js';
import { UnreadablePreferences } from './unreadable-preferences.js';

interface RequestOfSomebody extends RequestWithIdentity {
  caller?: Caller;
}

/**
 * Stores what the token of each request says of its owner, and completes it by what earlier tokens said, before the route runs. Of a
 * guest only the address is known, which is stored with the ticket.
 */
@Injectable()
export class RememberCaller implements NestInterceptor {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unreadable: UnreadablePreferences,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<RequestOfSomebody>();
    if (request.identity) {
      const { person, viewer } = callerOf(request.identity);
      this.unreadable.count('access_token', request.identity, person);
      const known = await rememberPerson(this.dataSource.manager, person, viewer.isAgent, new Date());
      request.caller = { person: known, viewer };
    } else if (request.guest) {
      request.caller = guestCallerOf(request.guest);
    }
    return next.handle();
  }
}

/** The person behind the request, or null on a route with `@OptionalSignIn()` whose caller is unknown. */
export const MaybeCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller | null => {
  return context.switchToHttp().getRequest<RequestOfSomebody>().caller ?? null;
});

/** The person behind the request, with an account or as a guest, on controllers with `@UseInterceptors(RememberCaller)`. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<RequestOfSomebody>();
  if (!caller) throw new Error('@CurrentCaller() needs @UseInterceptors(RememberCaller), and a route for people');
  return caller;
});

/** The same on routes that are for people with an account only. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): UserCaller => {
  const { caller } = context.switchToHttp().getRequest<RequestOfSomebody>();
  if (caller?.viewer.kind !== 'user') throw new Error('@CurrentUser() needs @SignedIn() on the route');
  return caller as UserCaller;
});

/**
 * As whom the caller may have uploaded a file: `user:<id>`, `guest:<address>` or, of whom nothing else is known, `browser:<hash of the
 * cookie>`. What is uploaded now belongs to the first one.
 */
export const CurrentUploaders = createParamDecorator((_: unknown, context: ExecutionContext): readonly string[] => {
  const http = context.switchToHttp();
  return principalsOf(http.getRequest(), http.getResponse());
});
