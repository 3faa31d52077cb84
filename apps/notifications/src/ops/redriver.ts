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
import { rememberRedrives } from './redrives.js';

export interface Readmission {
  readonly letter: DeadLetter;
  readonly fact: Fact;
}

/** A letter that cannot be used as it is, and the sentence that says why. */
export interface Refused {
  readonly sequence: number;
  readonly reason: string;
  readonly detail: string;
}

/** Brings dead letters through the same door as any other event: decoding, admission, intake. */
@Injectable()
export class Redriver {
  private readonly log = new Logger('operations');

  constructor(
    private readonly intake: IntakeService,
    private readonly settings: Settings,
  ) {}

  /**
   * @param event what stands in for the original bytes, if anything does
   * @throws InvalidEventError as it led to the dead letters, if nothing has changed since
   */
  readmit(letter: DeadLetter, event?: unknown): Readmission {
    if (letter.isTruncated && event === undefined) {
      const detail = `only the first ${letter.data.length} of ${letter.sizeBytes} bytes are here: send a repaired event`;
      throw new InvalidEventError('too_large', detail);
    }
    const bytes = event === undefined ? letter.data : Buffer.from(JSON.stringify(event));
    const payload = decodeEvent(bytes, MAX_EVENT_BYTES, event === undefined ? publisherHeaders(letter) : []);
    // Without an age: an operator knows what time it is.
    return { letter, fact: admit(letter.subject, payload, this.settings.inboundSystems, { now: new Date() }) };
  }

  /**
   * Hands facts to intake and remembers it in the caller's transaction. Whatever happens in between, a second redrive
   * finds them in the inbox. Answers, for each that was taken, whether it was new, and those that intake could not handle.
   * @throws the transient error if there is one
   */
  async take(
    manager: EntityManager,
    readmissions: readonly Readmission[],
    note: { by: string; isRepaired: boolean },
  ): Promise<{ isNew: boolean[]; failed: Refused[] }> {
    const results = await Promise.allSettled(readmissions.map(({ fact }) => this.intake.accept(fact)));
    // failpoint: redrive.accepted
    const taken = readmissions.filter((_, index) => results[index]?.status === 'fulfilled');
    if (taken.length > 0) {
      await rememberRedrives(
        manager,
        taken.map(({ letter }) => letter),
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
    this.log.error({ message: 'a redriven event cannot be handled', sequence, error });
    const detail = 'Handling it failed again, which is a bug of ours: the log line with its sequence says more.';
    return { sequence, reason: 'handler_failed', detail };
  }
}
