import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { MailsService } from '../mails/mails.service.js';
import type { RivalEvent } from '../rival.js';

@Controller()
export class TicketEventsController {
  constructor(private readonly mails: MailsService) {}

  @EventPattern('ticket.>')
  async onTicketEvent(@Payload() event: RivalEvent): Promise<void> {
    await this.mails.tellRequester(event);
  }
}
