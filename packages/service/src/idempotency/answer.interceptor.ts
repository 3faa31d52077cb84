import { IDEMPOTENT_REPLAY_HEADER } from '@bellhop/contracts/http';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { Answer } from './idempotent.js';

/** Sends an `Answer` that a controller returned: its status, its body, and whether it was stored. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((result: unknown) => {
        if (!(result instanceof Answer)) return result;
        reply.status(result.status);
        if (result.isReplayed) reply.header(IDEMPOTENT_REPLAY_HEADER, 'true');
        return result.body;
      }),
    );
  }
}
