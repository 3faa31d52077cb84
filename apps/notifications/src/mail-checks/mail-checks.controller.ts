import { MAX_CHECKED_MAIL_BYTES, type MailCheckResponse } from '@bellhop/contracts/http';
import { ClientNetwork, Public, RawBody } from '@bellhop/service';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { MailChecksService } from './mail-checks.service.js';

const NOTHING = Buffer.alloc(0);

/** For everybody: who doubts a mail has to be able to ask before they sign in. */
@Public()
@Controller('notifications/mail-checks')
export class MailChecksController {
  constructor(private readonly checks: MailChecksService) {}

  @Post()
  @HttpCode(200)
  @RawBody({ maxBytes: MAX_CHECKED_MAIL_BYTES, mediaTypes: ['message/rfc822', 'text/plain'] })
  check(@Body() body: unknown, @ClientNetwork() network: string): Promise<MailCheckResponse> {
    return this.checks.check(Buffer.isBuffer(body) ? body : NOTHING, network);
  }
}
