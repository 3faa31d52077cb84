import { type DryRunRequest, type DryRunResponse, dryRunRequest } from '@bellhop/contracts/http';
import { LargeBody, Roles } from '@bellhop/service';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { MAX_EVENT_REQUEST_BYTES } from './dead-letters.controller.js';
import { DryRunsService } from './dry-runs.service.js';

/** Answers what would happen with an event, before its system publishes it. */
@Controller('ops/dry-runs')
@Roles('operator')
export class DryRunsController {
  constructor(private readonly dryRuns: DryRunsService) {}

  @Post()
  @HttpCode(200)
  @LargeBody({ maxBytes: MAX_EVENT_REQUEST_BYTES })
  run(@Body({ schema: dryRunRequest }) request: DryRunRequest): Promise<DryRunResponse> {
    return this.dryRuns.run(request);
  }
}
