import type {
  DeadLetterDetailView,
  DeadLetterView,
  ListDeadLettersQuery,
  Page,
  RedriveRequest,
  RedriveResponse,
  RedrivesRequest,
  RedrivesResponse,
} from '@bellhop/contracts/http';
import { Problem } from '@bellhop/http';
import { InvalidEventError } from '@bellhop/jetstream';
import { type Answer, Database, idempotent } from '@bellhop/service';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { admissionProblem } from './admission-problem.js';
import { decodeSequence, encodeSequence } from './cursor.js';
import { type DeadLetter, isWanted, type LetterFilter, letterDetail, letterView } from './dead-letter.js';
import { DeadLetterBox, range } from './dead-letter-box.js';
import type { OperatorRequest } from './deliveries.service.js';
import { loadDecisions } from './load-decisions.js';
import { type Readmission, Redriver, type Refused } from './redriver.js';
import { loadRedrives } from './redrives.js';

/** Sequences that one page reads: with a filter that few letters match, pages are short instead of slow. */
const READ_PER_PAGE = 500;
const CHUNK = 100;
const SEQUENCE = /^[1-9]\d{0,14}$/;

/** Lets an operator read dead letters, and redrive them once they can be used. */
@Injectable()
export class DeadLettersService {
  private readonly log = new Logger('operations');
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly box: DeadLetterBox,
    private readonly redriver: Redriver,
  ) {}

  /** Newest first. A page may have fewer letters than the limit, even none, and still have a next page. */
  async list({ cursor, limit, ...filter }: ListDeadLettersQuery): Promise<Page<DeadLetterView>> {
    const { first, last } = await this.box.bounds();
    let below = Math.min(cursor === undefined ? last + 1 : decodeSequence(cursor), last + 1);
    const end = Math.max(first, below - READ_PER_PAGE);
    const found: DeadLetter[] = [];
    while (below > end && found.length < limit) {
      const from = Math.max(end, below - CHUNK);
      found.push(...(await this.matching(range(from, below - 1), filter)).reverse());
      below = from;
    }
    const letters = found.slice(0, limit);
    // The next page begins with the letters that exceed the limit.
    const next = found.length > limit ? (letters.at(-1)?.sequence ?? below) : below;
    const redrives = await loadRedrives(this.database.dataSource, letters);
    return {
      items: letters.map((letter) => letterView(letter, redrives.get(letter.sequence))),
      next: next > first ? encodeSequence(next) : null,
    };
  }

  async read(sequence: string): Promise<DeadLetterDetailView> {
    const letter = await this.letter(sequence);
    const redrives = await loadRedrives(this.database.dataSource, [letter]);
    return letterDetail(letter, redrives.get(letter.sequence));
  }

  /** @throws Problem 404 `dead_letter_not_found`, 422 `event_not_admissible` with the sentence that says why */
  async redrive(sequence: string, { event, isDryRun }: RedriveRequest, { by, once }: OperatorRequest): Promise<Answer> {
    const letter = await this.letter(sequence);
    const isRepaired = event !== undefined;
    return this.inTransaction(once, async (manager) => {
      const readmission = this.readmit(letter, event);
      if (isDryRun) return this.answer(manager, readmission, { isDryRun, isRepaired, isDuplicate: false });
      const { isNew, failed } = await this.redriver.accept(manager, [readmission], { by, isRepaired });
      if (failed[0]) throw new Problem(500, 'handler_failed', 'The event could not be handled', failed[0].detail);
      const isDuplicate = !isNew[0];
      this.log.log({ message: 'redriven', sequence: letter.sequence, by, isRepaired, isDuplicate });
      return this.answer(manager, readmission, { isDryRun, isRepaired, isDuplicate });
    });
  }

  /** One batch of a filter, oldest first. Letters that were redriven before are skipped. */
  async redriveMany(
    { filter, isDryRun, limit, cursor }: RedrivesRequest,
    { by, once }: OperatorRequest,
  ): Promise<Answer> {
    const { first, last } = await this.box.bounds();
    const from = Math.max(first, cursor === undefined ? 1 : decodeSequence(cursor) + 1);
    const to = Math.min(last, from + limit - 1);
    const letters = await this.matching(range(from, to), filter);
    return this.inTransaction(once, async (manager) => {
      const before = await loadRedrives(manager, letters);
      const { admitted, refused } = this.admissionOf(letters.filter(({ sequence }) => !before.has(sequence)));
      const note = { by, isRepaired: false };
      const { isNew, failed } = isDryRun
        ? { isNew: admitted.map(() => true), failed: [] }
        : await this.redriver.accept(manager, admitted, note);
      if (!isDryRun) this.log.log({ message: 'redriven', from, to, by, redriven: isNew.length });
      const body: RedrivesResponse = {
        isDryRun,
        redriven: isNew.length,
        duplicates: isNew.filter((one) => !one).length,
        refused: [...refused, ...failed].sort((a, b) => a.sequence - b.sequence),
        remaining: Math.max(last - to, 0),
        cursor: to < last ? encodeSequence(to) : null,
      };
      return { status: 200, body };
    });
  }

  /** @throws Problem 422 `event_not_admissible` */
  private readmit(letter: DeadLetter, event: unknown): Readmission {
    try {
      return this.redriver.readmit(letter, event);
    } catch (error) {
      throw admissionProblem(error);
    }
  }

  private async matching(sequences: readonly number[], filter: LetterFilter): Promise<DeadLetter[]> {
    return (await this.box.getAll(sequences)).filter((letter) => isWanted(letter, filter));
  }

  private async letter(sequence: string): Promise<DeadLetter> {
    const letter = SEQUENCE.test(sequence) ? await this.box.get(Number(sequence)) : null;
    if (letter) return letter;
    const detail = 'Letters are kept for 30 days. List them: their sequence is the first column.';
    throw new Problem(404, 'dead_letter_not_found', 'No such dead letter', detail);
  }

  private admissionOf(letters: readonly DeadLetter[]): { admitted: Readmission[]; refused: Refused[] } {
    const admitted: Readmission[] = [];
    const refused: Refused[] = [];
    for (const letter of letters) {
      try {
        admitted.push(this.redriver.readmit(letter));
      } catch (error) {
        if (!(error instanceof InvalidEventError)) throw error;
        refused.push({ sequence: letter.sequence, reason: error.reason, detail: error.detail });
      }
    }
    return { admitted, refused };
  }

  private async answer(
    manager: EntityManager,
    { letter, fact }: Readmission,
    flags: Pick<RedriveResponse, 'isDryRun' | 'isRepaired' | 'isDuplicate'>,
  ): Promise<{ status: number; body: RedriveResponse }> {
    const { id: eventId, type } = fact.event;
    const decisions = await loadDecisions(manager, eventId, fact.system);
    return {
      status: 200,
      body: {
        sequence: letter.sequence,
        system: fact.system,
        eventId,
        type,
        ...flags,
        decisions: decisions.map(({ view }) => view),
      },
    };
  }

  /**
   * One at a time: intake needs a second connection while this transaction holds one. Concurrent ones could take the whole pool
   * and wait for each other. A request that waits for its turn holds no connection.
   */
  private async inTransaction(
    once: OperatorRequest['once'],
    effect: (manager: EntityManager) => Promise<{ status: number; body: unknown }>,
  ): Promise<Answer> {
    const dataSource = await this.database.whenReady();
    const answer = this.turn.then(() =>
      dataSource.transaction((manager) => idempotent(manager, once, () => effect(manager))),
    );
    this.turn = answer.catch(() => undefined);
    return answer;
  }
}
