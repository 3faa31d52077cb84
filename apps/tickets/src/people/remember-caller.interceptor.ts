import type { Identity } from '@bellhop/service';
import {
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { DataSource } from 'typeorm';
import { type Caller, callerOf } from './caller.js';
import { rememberPerson } from './remember-person.js';

interface RequestOfSomebody {
  identity?: Identity;
  caller?: Caller;
}

/** Keeps what the token of each request says of its owner, and adds what earlier ones said, before it is answered. */
@Injectable()
export class RememberCaller implements NestInterceptor {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<RequestOfSomebody>();
    if (!request.identity) throw new Error(`${context.getClass().name} needs @SignedIn()`);
    const { person, viewer } = callerOf(request.identity);
    const known = await rememberPerson(this.dataSource.manager, person, viewer.isAgent, new Date());
    request.caller = { person: known, viewer };
    return next.handle();
  }
}

/** The person behind the request, on controllers with `@UseInterceptors(RememberCaller)`. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<RequestOfSomebody>();
  if (!caller) throw new Error('@CurrentCaller() needs @UseInterceptors(RememberCaller)');
  return caller;
});
