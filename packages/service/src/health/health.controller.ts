import type { ReadinessResponse } from '@bellhop/contracts/http';
import { Readiness } from '@bellhop/http';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../identity/access.decorators.js';

/** For load balancers: whether the process is alive, and ready. The inner port says what is missing (`ops-server.ts`). */
@Public()
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** Says only that the event loop runs: a restart would not bring Postgres or NATS back. */
  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessResponse> {
    const isReady = (await this.readiness.missing()).length === 0;
    reply.status(isReady ? 200 : 503);
    return { ready: isReady };
  }
}
