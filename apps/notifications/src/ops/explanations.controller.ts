import { Database, Problem, Roles } from '@bellhop/service';
import { Controller, Get, Param } from '@nestjs/common';
import { type Explanation, loadExplanations } from './load-explanations.js';

/** The shape of an event id in the contract; nothing else can have been decided on. */
const EVENT_ID = /^[\x21-\x7e]{1,128}$/;

/** "Why did this person (not) hear of that event?", answered as data. */
@Controller('ops/explanations')
@Roles('operator')
export class ExplanationsController {
  constructor(private readonly database: Database) {}

  @Get(':eventId')
  async explain(@Param('eventId') eventId: string): Promise<{ items: Explanation[] }> {
    const items = EVENT_ID.test(eventId) ? await loadExplanations(this.database.dataSource, eventId) : [];
    if (items.length === 0) {
      throw new Problem(404, 'event_not_found', 'No such event was decided on', 'Look among the dead letters for it.');
    }
    return { items };
  }
}
