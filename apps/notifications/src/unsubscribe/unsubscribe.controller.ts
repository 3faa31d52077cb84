import { ClientNetwork, IgnoresBody, Public } from '@bellhop/service';
import { Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type UnsubscribeAnswer, UnsubscribeService } from './unsubscribe.service.js';
import { PAGE_HEADERS } from './unsubscribe-page.js';

/** `List-Unsubscribe=One-Click`, in whichever form a mail provider sends it (RFC 8058 §3.2). */
const MAX_BODY_BYTES = 4_096;

/** The links of `List-Unsubscribe`. Who has the mail may use them, signed in or not. */
@Public()
@Controller('unsubscribe')
export class UnsubscribeController {
  constructor(private readonly unsubscribe: UnsubscribeService) {}

  @Get(':token')
  async look(@Param('token') token: string, @ClientNetwork() network: string, @Res() reply: FastifyReply) {
    return send(reply, await this.unsubscribe.answer(token, 'look', network));
  }

  @Post(':token')
  @IgnoresBody({ maxBytes: MAX_BODY_BYTES })
  async mute(@Param('token') token: string, @ClientNetwork() network: string, @Res() reply: FastifyReply) {
    return send(reply, await this.unsubscribe.answer(token, 'mute', network));
  }

  @Post(':token/undo')
  @IgnoresBody({ maxBytes: MAX_BODY_BYTES })
  async undo(@Param('token') token: string, @ClientNetwork() network: string, @Res() reply: FastifyReply) {
    return send(reply, await this.unsubscribe.answer(token, 'undo', network));
  }
}

async function send(reply: FastifyReply, { status, html }: UnsubscribeAnswer): Promise<void> {
  await reply
    .status(status)
    .headers({ ...PAGE_HEADERS, ...(status === 429 && { 'retry-after': '60' }) })
    .send(html);
}
