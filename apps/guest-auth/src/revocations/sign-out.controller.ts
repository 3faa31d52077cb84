import { Browser, Public } from '@bellhop/service';
import { Controller, Delete, HttpCode } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { deleteSpent } from '../challenges/challenge-store.js';
import { hashOf } from '../secrets/tokens.js';
import { GuestSession, type SessionCookie } from '../sessions/session-cookie.js';
import { endSession } from '../sessions/session-store.js';

/** Signs a guest out. Succeeds without a session, too. */
@Public()
@Controller('guest/session')
export class SignOutController {
  constructor(private readonly dataSource: DataSource) {}

  @Delete()
  @HttpCode(204)
  async signOut(@GuestSession() cookie: SessionCookie, @Browser() browser: string): Promise<void> {
    await deleteSpent(this.dataSource.manager, hashOf(browser));
    if (cookie.tokenHash) await endSession(this.dataSource.manager, cookie.tokenHash);
    cookie.clear();
  }
}
