import type { RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { EventsController, OnRpc } from '@bellhop/jetstream';
import { Payload } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import { sessionHashOf } from './session-cookie.js';
import { findSession, touchSession } from './session-store.js';

/** Tells other services whose session a token is. */
@EventsController()
export class SessionsHandler {
  constructor(private readonly dataSource: DataSource) {}

  @OnRpc('readSession')
  async read(@Payload() { token, isUse = true }: RpcRequest<'readSession'>): Promise<RpcResponse<'readSession'>> {
    const tokenHash = sessionHashOf(token);
    const look = isUse ? touchSession : findSession;
    const session = tokenHash && (await look(this.dataSource.manager, tokenHash));
    if (!session) return null;
    const { email, ticketIds, expiresAt } = session;
    return { email, ticketIds, expiresAt: expiresAt.toISOString() };
  }
}
