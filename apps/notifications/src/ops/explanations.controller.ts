import { type ExplanationQuery, type ExplanationResponse, explanationQuery } from '@bellhop/contracts/http';
import { Roles } from '@bellhop/service';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ExplanationsService } from './explanations.service.js';

/** "Why was this person (not) notified of that event?", answered as data. */
@Controller('ops/explanations')
@Roles('operator')
export class ExplanationsController {
  constructor(private readonly explanations: ExplanationsService) {}

  @Get(':eventId')
  explain(
    @Param('eventId') eventId: string,
    @Query({ schema: explanationQuery }) { system }: ExplanationQuery,
  ): Promise<ExplanationResponse> {
    return this.explanations.explain(eventId, system ?? null);
  }
}
