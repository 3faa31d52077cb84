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

/** An event is as large as any may be (256 KiB), and twice that with its quotes and line breaks escaped. */
export const MAX_EVENT_REQUEST_BYTES = 1024 * 1024;

/** Events that could not be used: to be read, repaired, and sent on. */
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
