import type { ReadinessResponse } from '@bellhop/contracts';
import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../identity/access.decorators.js';
import { Metrics } from '../metrics/metrics.js';
import { Readiness } from './readiness.js';

/** For the machine that runs us: is the process alive, is it useful, how does it do. */
@Public()
@Controller()
export class HealthController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** Says only that the event loop turns: restarting us would not bring Postgres or NATS back. */
  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessResponse> {
    const [missing, degraded] = await Promise.all([this.readiness.missing(), this.readiness.degraded()]);
    reply.status(missing.length === 0 ? 200 : 503);
    return { ready: missing.length === 0, missing, degraded };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  scrape(): Promise<string> {
    return this.metrics.metrics();
  }
}
