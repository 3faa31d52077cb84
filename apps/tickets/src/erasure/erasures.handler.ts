import type { RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { EventsController, OnRpc } from '@bellhop/jetstream';
import { ErasureRegister } from '@bellhop/service';
import { Payload } from '@nestjs/microservices';

/** Tells `notifications`, where operators request erasures, what was erased here. */
@EventsController()
export class ErasuresHandler {
  constructor(private readonly register: ErasureRegister) {}

  @OnRpc('erasureInTickets')
  state(@Payload() { erasureId }: RpcRequest<'erasureInTickets'>): Promise<RpcResponse<'erasureInTickets'>> {
    return this.register.stateOf(erasureId);
  }
}
