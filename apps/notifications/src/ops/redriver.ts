import { MAX_EVENT_BYTES } from '@bellhop/contracts/events';
import { decodeEvent, InvalidEventError } from '@bellhop/jetstream';
import { isTransientError } from '@bellhop/postgres';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Settings } from '../config.js';
import { admit } from '../intake/admission.js';
import { IntakeService } from '../intake/intake.service.js';
import type { Fact } from '../planning/fact.js';
import { type DeadLetter, publisherHeaders } from './dead-letter.js';
import { recordRedrives } from './redrives.js';

export interface Readmission {
  readonly letter: DeadLetter;
  readonly fact: Fact;
}

/** A letter that still cannot be used, and the sentence that says why. */
export interface Refused {
  readonly sequence: number;
  readonly reason: string;
  readonly detail: string;
}

/** Handles dead letters like any other event: decoding, admission, intake. */
@Injectable()
export class Redriver {
  private readonly log = new Logger('operations');

  constructor(
    private readonly intake: IntakeService,
    private readonly settings: Settings,
  ) {}

  /**
   * @param event a repaired event that replaces the original bytes
   * @throws InvalidEventError if it still cannot be used
   */
  readmit(letter: DeadLetter, event?: unknown): Readmission {
    if (letter.isTruncated && event === undefined) {
      const detail = `only the first ${letter.data.length} of ${letter.sizeBytes} bytes are here: send a repaired event`;
      throw new InvalidEventError('too_large', detail);
    }
    const bytes = event === undefined ? letter.data : Buffer.from(JSON.stringify(event));
    const payload = decodeEvent(bytes, MAX_EVENT_BYTES, event === undefined ? publisherHeaders(letter) : []);
    // Without `storedAt`: an operator may redrive an event of any age.
    return { letter, fact: admit(letter.subject, payload, this.settings.inboundSystems, { now: new Date() }) };
  }

  /**
   * Hands facts to intake, and records the redrives in the caller's transaction. After a crash in between, a second redrive
   * finds the facts in the inbox. Returns for each accepted fact whether it was new, and the facts that intake could not handle.
   * @throws a transient error, if there was one
   */
  async accept(
    manager: EntityManager,
    readmissions: readonly Readmission[],
    note: { by: string; isRepaired: boolean },
  ): Promise<{ isNew: boolean[]; failed: Refused[] }> {
    const results = await Promise.allSettled(readmissions.map(({ fact }) => this.intake.accept(fact)));
    // failpoint: redrive.accepted
    const accepted = readmissions.filter((_, index) => results[index]?.status === 'fulfilled');
    if (accepted.length > 0) {
      await recordRedrives(
        manager,
        accepted.map(({ letter }) => letter),
        note,
      );
    }
    const failed = results.flatMap((result, index) =>
      result.status === 'rejected' ? [this.failure(readmissions[index] as Readmission, result.reason)] : [],
    );
    return { isNew: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])), failed };
  }

  private failure({ letter: { sequence } }: Readmission, error: unknown): Refused {
    if (isTransientError(error)) throw error;
    if (error instanceof InvalidEventError) return { sequence, reason: error.reason, detail: error.detail };
    this.log.error({ message: 'redriven event not handled: it stays a dead letter', sequence, error });
    const detail = 'Handling it failed again, which is a bug of ours: see the log line with its sequence.';
    return { sequence, reason: 'handler_failed', detail };
  }
}
