import { normaliseAddress } from '@bellhop/contracts/persons';
import type { RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { EventsController, OnRpc } from '@bellhop/jetstream';
import { Payload } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import { personKey } from '../people/person.js';
import { readTicketNumber } from '../tickets/ticket-numbers.js';
import { findTicketOfGuest } from './find-ticket-of-guest.js';

/** Replies to `guest-auth`, for a guest who has lost the link: which of their tickets has this number. */
@EventsController()
export class FindForGuestHandler {
  constructor(private readonly dataSource: DataSource) {}

  @OnRpc('findForGuest')
  async find(@Payload() { number, email }: RpcRequest<'findForGuest'>): Promise<RpcResponse<'findForGuest'>> {
    const guestKey = personKey({ kind: 'guest', email: normaliseAddress(email) });
    return findTicketOfGuest(this.dataSource.manager, guestKey, readTicketNumber(number));
  }
}
