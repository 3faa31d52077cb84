import { EventContext, EventsController, JETSTREAM } from '@bellhop/jetstream';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Settings } from '../settings.js';
import { admit } from './admission.js';
import { IntakeService } from './intake.service.js';

/** Hears ticket events: our own, and those of other systems. */
@EventsController()
export class TicketsHandler {
  constructor(
    private readonly intake: IntakeService,
    private readonly settings: Settings,
  ) {}

  @EventPattern<string>('tickets.v1.>', JETSTREAM)
  ours(@Payload() payload: unknown, @Ctx() context: EventContext): Promise<void> {
    return this.accept(payload, context);
  }

  @EventPattern<string>('inbound.>', JETSTREAM)
  theirs(@Payload() payload: unknown, @Ctx() context: EventContext): Promise<void> {
    return this.accept(payload, context);
  }

  private async accept(payload: unknown, context: EventContext): Promise<void> {
    await this.intake.accept(admit(context.subject, payload, this.settings.inboundSystems, new Date()));
  }
}
