import { OpenRequests } from '@bellhop/http';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import { fromEvent, type Observable, takeUntil } from 'rxjs';

/** Ends every `@Sse()` stream when the process shuts down; its reader connects again, to another process. */
@Injectable()
export class EventStreamsInterceptor implements NestInterceptor {
  constructor(private readonly requests: OpenRequests) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const isStream = Reflect.getMetadata(SSE_METADATA, context.getHandler()) === true;
    return isStream ? next.handle().pipe(takeUntil(fromEvent(this.requests.streamsEnd, 'abort'))) : next.handle();
  }
}
