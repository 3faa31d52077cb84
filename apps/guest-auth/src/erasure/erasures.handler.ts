import type { RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { EventsController, OnRpc } from '@bellhop/jetstream';
import { ErasureRegister } from '@bellhop/service';
import { Payload } from '@nestjs/microservices';

/** Reports the state of an erasure to `notifications`, where operators request it. */
@EventsController()
export class ErasuresHandler {
  constructor(private readonly register: ErasureRegister) {}

  @OnRpc('erasureInGuestAuth')
  state(@Payload() { erasureId }: RpcRequest<'erasureInGuestAuth'>): Promise<RpcResponse<'erasureInGuestAuth'>> {
    return this.register.stateOf(erasureId);
  }
}
