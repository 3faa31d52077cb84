import { inboundSubjectOf, MAX_EVENT_BYTES, readEvent, subjectOf } from '@bellhop/contracts/events';
import type { DryRunRequest, DryRunResponse, RehearsedDecision } from '@bellhop/contracts/http';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { decodeEvent, InvalidEventError } from '@bellhop/jetstream';
import { Database } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config.js';
import { Composer, type Said } from '../dispatch/preparation/composer.js';
import { Forecast, type Foreseen } from '../dispatch/preparation/forecast.js';
import { uncomposed } from '../dispatch/preparation/uncomposed.js';
import { admit } from '../intake/admission.js';
import { IntakeService } from '../intake/intake.service.js';
import type { Fact } from '../planning/fact.js';
import { admissionProblem } from './admission-problem.js';
import { loadDecisions } from './load-decisions.js';

/** Runs admission, decisions, pre-send check and composition for an event in a transaction that is rolled back, and returns their results. */
@Injectable()
export class DryRunsService {
  constructor(
    private readonly database: Database,
    private readonly intake: IntakeService,
    private readonly forecast: Forecast,
    private readonly composer: Composer,
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

  private dryRun(fact: Fact): Promise<{ isNew: boolean; decisions: RehearsedDecision[] }> {
    return this.intake.dryRun(fact, async (manager, isNew) => {
      const stored = await loadDecisions(manager, fact.event.id, fact.system);
      const decisions = stored.map(({ view }) => ({ ...view, preview: null }));
      if (!isNew) return { isNew, decisions };
      const foreseen = await this.forecast.of(manager, idsOf(decisions));
      return { isNew, decisions: decisions.map((one) => this.rehearsed(one, foreseen.get(one.deliveryId ?? ''))) };
    });
  }

  /** The decision after the pre-send check: skipped, or with the message, which may have to wait. */
  private rehearsed(decision: RehearsedDecision, foreseen: Foreseen | undefined): RehearsedDecision {
    if (!foreseen) return decision;
    const { verdict, delivery, channel } = foreseen;
    if (verdict.kind === 'skip') return { ...decision, outcome: 'skip', reason: verdict.reason };
    const said: Said = verdict.kind === 'hold' ? delivery : verdict;
    const held = verdict.kind === 'hold' && { reason: verdict.reason };
    try {
      const preview = this.composer.preview(delivery, said, { channel, now: new Date() });
      return { ...decision, preview, ...held };
    } catch (error) {
      // What becomes of it when it is sent, which is not yet where it waits.
      return { ...decision, reason: uncomposed(error).reason, ...held };
    }
  }

  /** Removes the ids of deliveries that existed only in the dry run. A delivery that was pending before keeps its id. */
  private async withoutRolledBack(decisions: readonly RehearsedDecision[]): Promise<RehearsedDecision[]> {
    const rows: { id: string }[] = await this.database.dataSource.query(
      'select id from deliveries where id = any ($1::uuid[])',
      [idsOf(decisions)],
    );
    const isThere = (id: string | null) => rows.some((row) => row.id === id);
    return decisions.map((one) => (isThere(one.deliveryId) ? one : { ...one, deliveryId: null, state: null }));
  }
}

function idsOf(decisions: readonly RehearsedDecision[]): string[] {
  return decisions.flatMap(({ deliveryId }) => deliveryId ?? []);
}
