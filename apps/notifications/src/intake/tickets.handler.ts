import { EventContext, EventsController, OnEvent } from '@bellhop/jetstream';
import { Ctx, Payload } from '@nestjs/microservices';
import { Settings } from '../config.js';
import { admit } from './admission.js';
import { IntakeService } from './intake.service.js';
import { IntakeMetrics } from './intake-metrics.js';

/** Handles ticket events: our own, and those of other systems. */
@EventsController()
export class TicketsHandler {
  constructor(
    private readonly intake: IntakeService,
    private readonly settings: Settings,
    private readonly metrics: IntakeMetrics,
  ) {}

  @OnEvent('tickets.v1.>')
  ours(@Payload() payload: unknown, @Ctx() context: EventContext): Promise<void> {
    return this.accept(payload, context);
  }

  @OnEvent('inbound.>')
  theirs(@Payload() payload: unknown, @Ctx() context: EventContext): Promise<void> {
    return this.accept(payload, context);
  }

  private async accept(payload: unknown, context: EventContext): Promise<void> {
    const clocks = { now: new Date(), storedAt: context.storedAt };
    // failpoint: intake.received
    const fact = admit(context.subject, payload, this.settings.inboundSystems, clocks);
    this.metrics.countUnreadable(payload, fact);
    await this.intake.accept(fact);
  }
}
