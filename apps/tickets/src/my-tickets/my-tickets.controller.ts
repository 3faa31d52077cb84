import {
  type ListedTicketView,
  type ListTicketsQuery,
  listTicketsQuery,
  type Page,
  type PostMessageRequest,
  postMessageRequest,
  type ReadTicketQuery,
  readTicketQuery,
  type SeenRequest,
  seenRequest,
  type TicketResponse,
} from '@bellhop/contracts/http';
import {
  type Answer,
  type IdempotentRequest,
  OptionalIdempotencyKey,
  RequiredIdempotencyKey,
  SignedIn,
  SignedInOrGuest,
} from '@bellhop/service';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, UseInterceptors } from '@nestjs/common';
import { AttachmentLimits } from '../attachments/attachment-limits.js';
import type { Caller, UserCaller } from '../people/caller.js';
import { CurrentCaller, CurrentUploaders, CurrentUser, RememberCaller } from '../people/remember-caller.interceptor.js';
import { MyTicketsService } from './my-tickets.service.js';

/** A page that only says "seen" need not send a body. */
const seen = seenRequest.optional();

/** Guests come to single tickets only, and neither close nor reopen them. */
@SignedIn()
@UseInterceptors(RememberCaller)
@Controller('tickets')
export class MyTicketsController {
  constructor(
    private readonly myTickets: MyTicketsService,
    private readonly limits: AttachmentLimits,
  ) {}

  @Get()
  list(
    @CurrentUser() caller: UserCaller,
    @Query({ schema: listTicketsQuery }) query: ListTicketsQuery,
  ): Promise<Page<ListedTicketView>> {
    return this.myTickets.list(caller, query);
  }

  @SignedInOrGuest()
  @Get(':id')
  read(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query({ schema: readTicketQuery }) query: ReadTicketQuery,
  ): Promise<TicketResponse> {
    return this.myTickets.read(caller, id, query);
  }

  @SignedInOrGuest()
  @Post(':id/messages')
  answer(
    @CurrentCaller() caller: Caller,
    @Param('id') ticketId: string,
    @Body({ schema: postMessageRequest }) { body, attachmentIds }: PostMessageRequest,
    @CurrentUploaders() uploaders: readonly string[],
    @RequiredIdempotencyKey() once: IdempotentRequest,
  ): Promise<Answer> {
    const text = { kind: 'message', body, files: this.limits.files(attachmentIds, uploaders) } as const;
    return this.myTickets.change(caller, { ticketId, action: 'answer', command: { type: 'answer' }, text }, once);
  }

  @Post(':id/closing')
  close(
    @CurrentCaller() caller: Caller,
    @Param('id') ticketId: string,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    return this.myTickets.change(caller, { ticketId, action: 'close', command: { type: 'close' } }, once);
  }

  @Post(':id/reopening')
  reopen(
    @CurrentCaller() caller: Caller,
    @Param('id') ticketId: string,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    return this.myTickets.change(caller, { ticketId, action: 'reopen', command: { type: 'reopen' } }, once);
  }

  @SignedInOrGuest()
  @Put(':id/seen')
  @HttpCode(204)
  async see(
    @CurrentCaller() caller: Caller,
    @Param('id') ticketId: string,
    @Body({ schema: seen }) request: SeenRequest | undefined,
  ): Promise<void> {
    const command = { type: 'see', version: request?.version } as const;
    await this.myTickets.change(caller, { ticketId, action: 'see', command }, null);
  }
}
