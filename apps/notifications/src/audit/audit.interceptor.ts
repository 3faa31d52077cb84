import { AUDIT_REASON_HEADER } from '@bellhop/contracts/http';
import { Database, isForRoles, type RequestWithIdentity } from '@bellhop/service';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { from, mergeMap, type Observable } from 'rxjs';
import { Settings } from '../config.js';
import { auditEntry } from './audit-entry.js';
import { insertAuditEntry } from './insert-audit-entry.js';

/** The parts of a Fastify request that are audited. */
interface AuditableRequest extends RequestWithIdentity {
  readonly method: string;
  readonly routeOptions: { readonly url?: string | undefined };
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Writes an entry before an operator reads or does anything: on every route that requires a role, so that a new route is audited
 * by default. If the entry cannot be written, the request fails and has no effect.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http' || !isForRoles(this.reflector, context)) return next.handle();
    const request = context.switchToHttp().getRequest<AuditableRequest>();
    return from(this.write(request)).pipe(mergeMap(() => next.handle()));
  }

  private async write(request: AuditableRequest): Promise<void> {
    const { method, routeOptions, params, query, body, headers, identity } = request;
    const reason = [headers[AUDIT_REASON_HEADER]].flat()[0];
    const audited = { method, route: routeOptions.url ?? '', params, query, body, reason };
    const entry = auditEntry(audited, this.settings.payloadKeys[0].secret);
    await insertAuditEntry(await this.database.whenReady(), identity?.subject ?? '', entry);
  }
}
