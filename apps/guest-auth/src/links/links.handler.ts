import type { RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { EventsController, OnRpc } from '@bellhop/jetstream';
import { Payload } from '@nestjs/microservices';
import { LinksService } from './links.service.js';

/** Issues links for `notifications`, which puts them into mails. */
@EventsController()
export class LinksHandler {
  constructor(private readonly links: LinksService) {}

  @OnRpc('issueLinks')
  issue(@Payload() request: RpcRequest<'issueLinks'>): Promise<RpcResponse<'issueLinks'>> {
    return this.links.issue(request);
  }
}
