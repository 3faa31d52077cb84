import { inboundSubjectOf, MAX_EVENT_BYTES, readEvent, subjectOf } from '@bellhop/contracts/events';
import type { DecisionView, DryRunRequest, DryRunResponse } from '@bellhop/contracts/http';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { decodeEvent, InvalidEventError } from '@bellhop/jetstream';
import { Database } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config.js';
import { Forecast } from '../dispatch/preparation/forecast.js';
import type { PreSendVerdict } from '../dispatch/preparation/pre-send-check.js';
import { admit } from '../intake/admission.js';
import { IntakeService } from '../intake/intake.service.js';
import type { Fact } from '../planning/fact.js';
import { admissionProblem } from './admission-problem.js';
import { loadDecisions } from './load-decisions.js';

/** Runs admission, decisions and pre-send check for an event in a transaction that is rolled back, and returns their results. */
@Injectable()
export class DryRunsService {
  constructor(
    private readonly database: Database,
    private readonly intake: IntakeService,
    private readonly forecast: Forecast,
    private readonly settings: Settings,
  ) {}

  /** @throws Problem 422 `event_not_admissible` with the sentence that its dead letter would have */
  async run({ system, event }: DryRunRequest): Promise<DryRunResponse> {
    try {
      const fact = this.admit(system, event);
      const { isNew, decisions } = await this.dryRun(fact);
      const { id: eventId, type } = fact.event;
      return { system, eventId, type, isDuplicate: !isNew, decisions: await this.withoutRolledBack(decisions) };
    } catch (error) {
      throw admissionProblem(error);
    }
  }

  /** Admits it as if its stream stored it now, on the subject of its type. */
  private admit(system: string, event: unknown): Fact {
    const payload = decodeEvent(Buffer.from(JSON.stringify(event ?? null)), MAX_EVENT_BYTES);
    const reading = readEvent(payload);
    if (!reading.ok) throw new InvalidEventError('invalid_event', reading.detail);
    const { type } = reading.event;
    const subject = system === OWN_SYSTEM ? subjectOf(type) : inboundSubjectOf(system, type);
    const now = new Date();
    return admit(subject, payload, this.settings.inboundSystems, { now, storedAt: now });
  }

  private dryRun(fact: Fact): Promise<{ isNew: boolean; decisions: DecisionView[] }> {
    return this.intake.dryRun(fact, async (manager, isNew) => {
      const decisions = (await loadDecisions(manager, fact.event.id, fact.system)).map(({ view }) => view);
      if (!isNew) return { isNew, decisions };
      const verdicts = await this.forecast.of(manager, idsOf(decisions));
      return { isNew, decisions: decisions.map((one) => checked(one, verdicts.get(one.deliveryId ?? ''))) };
    });
  }

  /** Removes the ids of deliveries that existed only in the dry run. A delivery that was pending before keeps its id. */
  private async withoutRolledBack(decisions: readonly DecisionView[]): Promise<DecisionView[]> {
    const rows: { id: string }[] = await this.database.dataSource.query(
      'select id from deliveries where id = any ($1::uuid[])',
      [idsOf(decisions)],
    );
    const isThere = (id: string | null) => rows.some((row) => row.id === id);
    return decisions.map((one) => (isThere(one.deliveryId) ? one : { ...one, deliveryId: null, state: null }));
  }
}

function idsOf(decisions: readonly DecisionView[]): string[] {
  return decisions.flatMap(({ deliveryId }) => deliveryId ?? []);
}

/** The decision after the pre-send check: skipped, or made to wait. */
function checked(decision: DecisionView, verdict: PreSendVerdict | undefined): DecisionView {
  if (verdict?.kind === 'skip') return { ...decision, outcome: 'skip', reason: verdict.reason };
  if (verdict?.kind === 'hold') return { ...decision, reason: verdict.reason };
  return decision;
}
