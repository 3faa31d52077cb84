import { AUDIT_REASON_HEADER, type ErasureRequest, type ErasureView, erasureRequest } from '@bellhop/contracts/http';
import { Problem } from '@bellhop/http';
import { type Answer, type IdempotentRequest, OptionalIdempotencyKey, Roles } from '@bellhop/service';
import { Body, Controller, Get, Headers, Param, Post } from '@nestjs/common';
import { reasonOf } from '../audit/audit-entry.js';
import { ErasuresService } from './erasures.service.js';

/** Erases people in all services. */
@Controller('ops/erasures')
@Roles('operator')
export class ErasuresController {
  constructor(private readonly erasures: ErasuresService) {}

  @Post()
  request(
    @Body({ schema: erasureRequest }) { person }: ErasureRequest,
    @Headers(AUDIT_REASON_HEADER) reason: string | undefined,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    if (reasonOf(reason) === null) throw reasonRequired();
    return this.erasures.request(person, once);
  }

  @Get(':id')
  read(@Param('id') id: string): Promise<ErasureView> {
    return this.erasures.read(id);
  }
}

/** An erasure cannot be undone, and the reason is all that remains to explain it. */
function reasonRequired(): Problem {
  const detail = `Say why in the header ${AUDIT_REASON_HEADER}, without naming the person: it stays in the audit.`;
  return new Problem(400, 'reason_required', 'A reason is required', detail);
}
