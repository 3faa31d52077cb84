import { RpcClient } from '@bellhop/jetstream';
import { Injectable } from '@nestjs/common';
import { type GuestSession, GuestSessions } from './guest-sessions.js';
import { SessionCache } from './session-cache.js';

/** Reads sessions from `guest-auth`, which owns them, by RPC. */
@Injectable()
export class RpcGuestSessions extends GuestSessions {
  private readonly cache: SessionCache;

  constructor(rpc: RpcClient) {
    super();
    this.cache = new SessionCache((token, isUse) => rpc.request('readSession', { token, isUse }));
  }

  find(token: string, isUse = true): Promise<GuestSession | null> {
    return this.cache.find(token, isUse);
  }
}
