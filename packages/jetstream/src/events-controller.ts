import {
  type ArgumentsHost,
  applyDecorators,
  Catch,
  Controller,
  type ExceptionFilter,
  UseFilters,
} from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/**
 * The transport's id. `@EventPattern(subject, JETSTREAM)` is heard here alone; without it the handler would also be
 * registered with every other transport of the app, such as Nest's core NATS one for questions.
 */
export const JETSTREAM = Symbol('bellhop.jetstream');

@Catch()
class PassThroughFilter implements ExceptionFilter {
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * A controller whose event handlers' errors reach the transport as they are. With a plain `@Controller()` Nest's own
 * filter turns every error into "Internal server error", and a passing fault looks like a bug. In an app that also
 * serves HTTP only a filter on the controller itself works: global ones do not apply to connected transports.
 */
export const EventsController = (): ClassDecorator =>
  applyDecorators(Controller(), UseFilters(new PassThroughFilter()));
