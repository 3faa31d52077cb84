import { CurrentIdentity, type Identity, type RequestWithIdentity, SignedIn, SignedInOrGuest } from '@bellhop/service';
import { Controller, Get, Param, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { DeskGuard } from '../desk/desk.guard.js';
import { proveBySession } from '../guests/prove-by-session.js';
import { openTicket } from '../tickets/ticket-access.js';
import { DeskStreams } from './desk-streams.js';
import { readerOf } from './reader.js';
import { TicketStreams } from './ticket-streams.js';

/** Streams that tell open pages when to look again. They end with the token or the session; the page connects again with a new one. */
@Controller()
export class HintsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tickets: TicketStreams,
    private readonly desk: DeskStreams,
  ) {}

  @SignedInOrGuest({ isUse: false })
  @Get('tickets/:id/stream')
  async ofTicket(
    @Req() request: RequestWithIdentity,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const reader = readerOf(request);
    await proveBySession(this.dataSource, reader.viewer, id);
    await openTicket(this.dataSource.manager, reader.viewer, 'read', id);
    this.tickets.open(id, reader, reply);
  }

  @SignedIn()
  @UseGuards(DeskGuard)
  @Get('desk/stream')
  ofDesk(@CurrentIdentity() { subject, expiresAt }: Identity, @Res() reply: FastifyReply): void {
    this.desk.open(subject, reply, expiresAt?.getTime() ?? 0);
  }
}
