import {
  type DeadLetterDetailView,
  type DeadLetterView,
  type ListDeadLettersQuery,
  listDeadLettersQuery,
  type Page,
  type RedriveRequest,
  type RedrivesRequest,
  redriveRequest,
  redrivesRequest,
} from '@bellhop/contracts/http';
import {
  type Answer,
  CurrentIdentity,
  type IdempotentRequest,
  type Identity,
  LargeBody,
  OptionalIdempotencyKey,
  Roles,
} from '@bellhop/service';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { DeadLettersService } from './dead-letters.service.js';

/** The largest event has 256 KiB; as a JSON string, with quotes and line breaks escaped, it may have twice as much and more. */
export const MAX_EVENT_REQUEST_BYTES = 1024 * 1024;

/** Dead letters: to be read, repaired and redriven. */
@Controller('ops/dead-letters')
@Roles('operator')
export class DeadLettersController {
  constructor(private readonly letters: DeadLettersService) {}

  @Get()
  list(@Query({ schema: listDeadLettersQuery }) query: ListDeadLettersQuery): Promise<Page<DeadLetterView>> {
    return this.letters.list(query);
  }

  @Get(':sequence')
  read(@Param('sequence') sequence: string): Promise<DeadLetterDetailView> {
    return this.letters.read(sequence);
  }

  @Post('redrives')
  redriveMany(
    @Body({ schema: redrivesRequest }) request: RedrivesRequest,
    @CurrentIdentity() { subject }: Identity,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    return this.letters.redriveMany(request, { by: subject, once });
  }

  @Post(':sequence/redrive')
  @LargeBody({ maxBytes: MAX_EVENT_REQUEST_BYTES })
  redrive(
    @Param('sequence') sequence: string,
    @Body({ schema: redriveRequest }) request: RedriveRequest,
    @CurrentIdentity() { subject }: Identity,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    return this.letters.redrive(sequence, request, { by: subject, once });
  }
}
