import type { RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { EventsController, OnRpc } from '@bellhop/jetstream';
import { ErasureRegister } from '@bellhop/service';
import { Payload } from '@nestjs/microservices';

/** Answers `notifications`, where operators ask for erasures. */
@EventsController()
export class ErasuresHandler {
  constructor(private readonly register: ErasureRegister) {}

  @OnRpc('erasureInTickets')
  state(@Payload() { erasureId }: RpcRequest<'erasureInTickets'>): Promise<RpcResponse<'erasureInTickets'>> {
    return this.register.stateOf(erasureId);
  }
}
