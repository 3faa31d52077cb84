import { eventId as eventIdShape, publisherOf } from '@bellhop/contracts/events';
import type { ExplanationResponse } from '@bellhop/contracts/http';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { Problem } from '@bellhop/http';
import { Database } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { DeadLetterBox, NEWEST_SEARCHED } from './dead-letter-box.js';
import { loadDecisions } from './load-decisions.js';
import { loadTraces } from './load-traces.js';

/** Explains what became of an event: who is notified, who is not and why, or why it could not be used. */
@Injectable()
export class ExplanationsService {
  constructor(
    private readonly database: Database,
    private readonly box: DeadLetterBox,
  ) {}

  /**
   * @param system null: ours, else the one system that has used this id
   * @throws Problem 404 `event_not_found`, 409 `system_needed`
   */
  async explain(eventId: string, system: string | null): Promise<ExplanationResponse> {
    // No event with another form of id was ever admitted.
    if (!eventIdShape.safeParse(eventId).success) throw eventNotFound();
    const found = await loadDecisions(this.database.dataSource, eventId, system);
    if (found.length === 0) return this.explainDeadLetter(eventId, system);
    const publisher = onlyOne([...new Set(found.map((one) => one.system))]);
    const views = found.filter((one) => one.system === publisher).map(({ view }) => view);
    const traces = await loadTraces(
      this.database.dataSource,
      views.flatMap(({ deliveryId }) => deliveryId ?? []),
    );
    const decisions = views.map((view) => ({ ...view, delivery: traces.get(view.deliveryId ?? '') ?? null }));
    return { system: publisher, eventId, decisions, deadLetter: null };
  }

  private async explainDeadLetter(eventId: string, system: string | null): Promise<ExplanationResponse> {
    const letter = await this.box.findEvent(eventId, system);
    if (!letter) throw eventNotFound();
    const { sequence, reason, detail, subject } = letter;
    return { system: publisherOf(subject), eventId, decisions: [], deadLetter: { sequence, reason, detail } };
  }
}

function onlyOne(systems: readonly string[]): string {
  const [first = OWN_SYSTEM, ...others] = systems;
  if (others.length === 0) return first;
  if (systems.includes(OWN_SYSTEM)) return OWN_SYSTEM;
  const detail = `Say which by \`?system=\`: ${systems.join(', ')}.`;
  throw new Problem(409, 'system_needed', 'Several systems have published an event with this id', detail);
}

function eventNotFound(): Problem {
  const detail =
    `Nothing was decided about it in the last 30 days, and it is not among the newest ${NEWEST_SEARCHED} dead letters. ` +
    'It may still wait in its stream, or it was never published: check `/readyz` and the list of dead letters.';
  return new Problem(404, 'event_not_found', 'No such event is known', detail);
}
