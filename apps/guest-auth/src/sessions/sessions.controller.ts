import { Browser, Public } from '@bellhop/service';
import { Controller, Delete, HttpCode, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { forgetSpent } from '../challenges/forget-spent.js';
import { hashOf } from '../secrets/tokens.js';
import { endSession } from './end-session.js';
import { clearSessionCookie, SessionToken } from './session-cookie.js';

/** Where a guest leaves. Whoever has no session has left already. */
@Public()
@Controller('guest/session')
export class SessionsController {
  constructor(private readonly dataSource: DataSource) {}

  @Delete()
  @HttpCode(204)
  async end(
    @SessionToken() tokenHash: Buffer | null,
    @Browser() browser: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await forgetSpent(this.dataSource.manager, hashOf(browser));
    if (tokenHash) await endSession(this.dataSource.manager, tokenHash);
    clearSessionCookie(reply);
  }
}
