import type { RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { EventsController, OnRpc } from '@bellhop/jetstream';
import { Payload } from '@nestjs/microservices';
import { GuestMailsService } from './guest-mails.service.js';

/** Accepts requests for mails that a guest waits for: a code, a fresh link. The reply never tells whether the address gets mail. */
@EventsController()
export class GuestMailsHandler {
  constructor(private readonly mails: GuestMailsService) {}

  @OnRpc('sendCode')
  async sendCode(@Payload() request: RpcRequest<'sendCode'>): Promise<RpcResponse<'sendCode'>> {
    await this.mails.acceptCode(request);
    return { accepted: true };
  }

  @OnRpc('sendLink')
  async sendLink(@Payload() request: RpcRequest<'sendLink'>): Promise<RpcResponse<'sendLink'>> {
    await this.mails.acceptLink(request);
    return { accepted: true };
  }
}
