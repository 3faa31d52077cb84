import {
  type AssignmentRequest,
  assignmentRequest,
  type DeskTicketResponse,
  type DeskTicketView,
  type InformationRequest,
  informationRequest,
  type ListDeskTicketsQuery,
  listDeskTicketsQuery,
  type NoteRequest,
  noteRequest,
  type Page,
  type PostMessageRequest,
  postMessageRequest,
  type ResolutionRequest,
  resolutionRequest,
} from '@bellhop/contracts/http';
import {
  type Answer,
  type IdempotentRequest,
  OptionalIdempotencyKey,
  RequiredIdempotencyKey,
  SignedIn,
} from '@bellhop/service';
import { Body, Controller, Get, Param, Post, Query, UseGuards, UseInterceptors } from '@nestjs/common';
import { AttachmentLimits } from '../attachments/attachment-limits.js';
import type { UserCaller } from '../people/caller.js';
import { CurrentUploaders, CurrentUser, RememberCaller } from '../people/remember-caller.interceptor.js';
import { DeskGuard } from './desk.guard.js';
import { DeskService } from './desk.service.js';

/** A ticket can be resolved without a text, and then without a body. */
const resolution = resolutionRequest.optional();

@SignedIn()
@UseGuards(DeskGuard)
@UseInterceptors(RememberCaller)
@Controller('desk/tickets')
export class DeskController {
  constructor(
    private readonly desk: DeskService,
    private readonly limits: AttachmentLimits,
  ) {}

  @Get()
  list(
    @CurrentUser() caller: UserCaller,
    @Query({ schema: listDeskTicketsQuery }) query: ListDeskTicketsQuery,
  ): Promise<Page<DeskTicketView>> {
    return this.desk.list(caller, query);
  }

  @Get(':id')
  read(@CurrentUser() caller: UserCaller, @Param('id') id: string): Promise<DeskTicketResponse> {
    return this.desk.read(caller, id);
  }

  @Post(':id/replies')
  reply(
    @CurrentUser() caller: UserCaller,
    @Param('id') ticketId: string,
    @Body({ schema: postMessageRequest }) { body, attachmentIds }: PostMessageRequest,
    @CurrentUploaders() uploaders: readonly string[],
    @RequiredIdempotencyKey() once: IdempotentRequest,
  ): Promise<Answer> {
    const text = { kind: 'message', body, files: this.limits.files(attachmentIds, uploaders) } as const;
    return this.desk.change(caller, { ticketId, action: 'reply', command: { type: 'reply' }, text }, once, 'message');
  }

  @Post(':id/information-requests')
  requestInformation(
    @CurrentUser() caller: UserCaller,
    @Param('id') ticketId: string,
    @Body({ schema: informationRequest }) { body, dueAt }: InformationRequest,
    @RequiredIdempotencyKey() once: IdempotentRequest,
  ): Promise<Answer> {
    const command = { type: 'request_information', dueAt: dueAt === undefined ? undefined : new Date(dueAt) } as const;
    const text = { kind: 'information_request', body } as const;
    return this.desk.change(caller, { ticketId, action: 'request_information', command, text }, once, 'message');
  }

  @Post(':id/resolution')
  resolve(
    @CurrentUser() caller: UserCaller,
    @Param('id') ticketId: string,
    @Body({ schema: resolution }) request: ResolutionRequest | undefined,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    const text = request?.body === undefined ? undefined : ({ kind: 'resolution', body: request.body } as const);
    return this.desk.change(caller, { ticketId, action: 'resolve', command: { type: 'resolve' }, text }, once);
  }

  @Post(':id/notes')
  note(
    @CurrentUser() caller: UserCaller,
    @Param('id') ticketId: string,
    @Body({ schema: noteRequest }) { body }: NoteRequest,
    @RequiredIdempotencyKey() once: IdempotentRequest,
  ): Promise<Answer> {
    return this.desk.note(caller, ticketId, body, once);
  }

  @Post(':id/assignment')
  assign(
    @CurrentUser() caller: UserCaller,
    @Param('id') ticketId: string,
    @Body({ schema: assignmentRequest }) { agent }: AssignmentRequest,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    return this.desk.assign(caller, ticketId, agent, once);
  }

  @Post(':id/closing')
  close(
    @CurrentUser() caller: UserCaller,
    @Param('id') ticketId: string,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    return this.desk.change(caller, { ticketId, action: 'close_at_desk', command: { type: 'close' } }, once);
  }

  @Post(':id/reopening')
  reopen(
    @CurrentUser() caller: UserCaller,
    @Param('id') ticketId: string,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    return this.desk.change(caller, { ticketId, action: 'reopen_at_desk', command: { type: 'reopen' } }, once);
  }
}
