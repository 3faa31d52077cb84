import { type ExplanationQuery, type ExplanationResponse, explanationQuery } from '@bellhop/contracts/http';
import { Roles } from '@bellhop/service';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ExplanationsService } from './explanations.service.js';

/** Answers why people were, or were not, notified of an event. */
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
