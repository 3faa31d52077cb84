import {
  type ArgumentsHost,
  applyDecorators,
  Catch,
  Controller,
  type ExceptionFilter,
  UseFilters,
} from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';

/** The id of this transport, for `@EventPattern` and `@MessagePattern`. */
export const JETSTREAM = Symbol('bellhop.jetstream');

@Catch()
class PassThroughFilter implements ExceptionFilter {
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * A controller whose event handlers' errors reach the transport as they are. With a plain `@Controller()` Nest's own
 * filter turns every error into "Internal server error", and a transient error looks like a bug. In an app that also
 * serves HTTP only a filter on the controller itself works: global ones do not apply to connected transports.
 */
export const EventsController = (): ClassDecorator =>
  applyDecorators(Controller(), UseFilters(new PassThroughFilter()));

/**
 * `@EventPattern` for this transport alone, with NATS wildcards. A plain `@EventPattern` works too, but is registered with
 * every transport of the app: Nest's core NATS one would then handle a second copy of the event, unacknowledged.
 */
export const OnEvent = (subject: string): MethodDecorator => EventPattern<string>(subject, JETSTREAM);
