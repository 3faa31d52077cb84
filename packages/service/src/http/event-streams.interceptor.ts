import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import { type Observable, takeUntil } from 'rxjs';
import { OpenRequests } from './open-requests.js';

/** Ends every `@Sse()` stream when the process shuts down; its reader connects again, to another process. */
@Injectable()
export class EventStreamsInterceptor implements NestInterceptor {
  constructor(private readonly requests: OpenRequests) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const isStream = Reflect.getMetadata(SSE_METADATA, context.getHandler()) === true;
    return isStream ? next.handle().pipe(takeUntil(this.requests.streamsEnd)) : next.handle();
  }
}
