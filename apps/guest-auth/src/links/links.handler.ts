import type { RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { EventsController, OnRpc } from '@bellhop/jetstream';
import { Payload } from '@nestjs/microservices';
import { LinksService } from './links.service.js';

/** Makes links for the notifier. */
@EventsController()
export class LinksHandler {
  constructor(private readonly links: LinksService) {}

  @OnRpc('issueLinks')
  issue(@Payload() asked: RpcRequest<'issueLinks'>): Promise<RpcResponse<'issueLinks'>> {
    return this.links.issue(asked);
  }
}
