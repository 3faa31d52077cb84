import { MAX_CHECKED_MAIL_BYTES, type MailCheckResponse } from '@bellhop/contracts/http';
import { Public, RawBody } from '@bellhop/service';
import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { CheckBudgetGuard } from './check-budget.guard.js';
import { MailChecksService } from './mail-checks.service.js';

const NOTHING = Buffer.alloc(0);

/** For everybody: who doubts a mail has to be able to ask before they sign in. */
@Public()
@Controller('notifications/mail-checks')
export class MailChecksController {
  constructor(private readonly checks: MailChecksService) {}

  @Post()
  @UseGuards(CheckBudgetGuard)
  @HttpCode(200)
  @RawBody({ maxBytes: MAX_CHECKED_MAIL_BYTES, mediaTypes: ['message/rfc822', 'text/plain'] })
  check(@Body() body: unknown): Promise<MailCheckResponse> {
    return this.checks.check(Buffer.isBuffer(body) ? body : NOTHING);
  }
}
