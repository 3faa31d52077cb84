import type { ErasedCounts } from '@bellhop/contracts/rpc';
import { Shutdown } from '@bellhop/http';
import { NatsLink } from '@bellhop/jetstream';
import { pause } from '@bellhop/waiting';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Database } from '../database/database.js';
import { ErasedPeople } from './erased-people.js';
import { ErasureKeys } from './erasure-keys.js';
import { ErasureLog } from './erasure-log.js';
import { insertErasures } from './insert-erasures.js';
import { loadErasure, loadErasures, loadState, type RegisteredErasure } from './load-erasures.js';
import { type ErasedPerson, PersonEraser } from './person-eraser.js';
import { finishErasure, takeErasure } from './take-erasure.js';

const LOOK_MS = 1_000;
const FIRST_WAIT_MS = 5_000;
/** Several looks, and what a replica may have begun before its look: from then on none writes anything of the person any more. */
const SETTLE_MS = 5_000;

/**
 * Keeps the register of this service up to date with the stream of erasures, and carries out what is not done yet. One way for what
 * was asked just now, while this service was away, and before the backup that was restored: docs/adr/erasure.md.
 */
@Injectable()
export class ErasureRegister implements OnApplicationBootstrap {
  private readonly log = new Logger('erasures');
  private readonly stream: ErasureLog;
  private readonly stopping = new AbortController();
  private register: readonly RegisteredErasure[] = [];
  private state = '';
  private loop: Promise<void> = Promise.resolve();
  private work: Promise<void> | undefined;
  /** What went wrong last, by what it was. */
  private readonly troubles = new Map<string, string>();

  constructor(
    private readonly database: Database,
    private readonly link: NatsLink,
    private readonly eraser: PersonEraser,
    private readonly keys: ErasureKeys,
    private readonly people: ErasedPeople,
    shutdown: Shutdown,
  ) {
    this.stream = new ErasureLog(link);
    shutdown.add('workers', 'erasures', () => this.stop());
  }

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  /** When an erasure was asked for; null for one that nobody asked for. */
  async requestedAt(erasureId: string): Promise<Date | null> {
    return (await loadErasure(this.database.dataSource, erasureId))?.requestedAt ?? null;
  }

  /** What this service has erased; null as long as it has not. */
  async stateOf(erasureId: string): Promise<{ erasedAt: string; counts: ErasedCounts } | null> {
    const erasure = await loadErasure(this.database.dataSource, erasureId);
    if (!erasure?.erasedAt) return null;
    return { erasedAt: erasure.erasedAt.toISOString(), counts: erasure.counts };
  }

  /** Erasures of the register that the stream, read as a whole, does not hold. For its owner, who publishes them again. */
  onMissing: (missing: readonly RegisteredErasure[]) => Promise<void> = async () => undefined;

  private async stop(): Promise<void> {
    this.stopping.abort();
    if (!this.database.isReady) return;
    await this.loop;
    await this.work;
  }

  private async run(): Promise<void> {
    const dataSource = await this.database.whenBackgroundReady();
    const { signal } = this.stopping;
    // A restored database may hold what was erased, and mails to it, so the stream is asked first, if it is there at all.
    await Promise.race([this.link.connected(), pause(FIRST_WAIT_MS, signal)]);
    while (!signal.aborted) {
      await this.look(dataSource).catch((error: unknown) => this.complain(error));
      await pause(LOOK_MS, signal);
    }
  }

  private async look(dataSource: DataSource): Promise<void> {
    let register = await this.read(dataSource);
    // Without the stream, which may be away, what the register holds is carried out all the same.
    const heard = await this.hear(dataSource, register).catch((error: unknown) => this.complain(error));
    if (heard) register = await this.read(dataSource);
    this.people.replace(register);
    // Beside, for it may take long, and whom to forget has to be known meanwhile.
    this.work ??= this.carryOutAll(dataSource, register).finally(() => {
      this.work = undefined;
    });
  }

  private async carryOutAll(dataSource: DataSource, register: readonly RegisteredErasure[]): Promise<void> {
    for (const erasure of register) {
      if (this.stopping.signal.aborted) return;
      if (erasure.erasedAt !== null || !erasure.isKnownToAll) continue;
      await this.carryOut(dataSource, erasure).catch((error: unknown) => this.failed(erasure, error));
    }
  }

  /** It is kept for ever, so it is loaded only when it has changed, or something in it waits. */
  private async read(dataSource: DataSource): Promise<readonly RegisteredErasure[]> {
    const loaded = await loadState(dataSource);
    const state = JSON.stringify(loaded);
    if (loaded.open === 0 && state === this.state) return this.register;
    const register = await loadErasures(dataSource, SETTLE_MS);
    // It only grows: a smaller one is that of a backup.
    if (register.length < this.register.length) this.stream.rewind();
    this.state = state;
    this.register = register;
    return register;
  }

  /** @returns whether something was entered */
  private async hear(dataSource: DataSource, register: readonly RegisteredErasure[]): Promise<boolean> {
    const { erasures, isWhole } = await this.stream.news();
    if (erasures.length === 0 && !isWhole) return false;
    const known = new Set(register.map(({ id }) => id));
    const news = erasures.filter(({ id }) => !known.has(id));
    try {
      if (news.length > 0) await insertErasures(dataSource, news);
    } catch (error) {
      this.stream.rewind();
      throw error;
    }
    if (isWhole) {
      const published = new Set(erasures.map(({ id }) => id));
      const missing = register.filter(({ id, isKnownToAll }) => isKnownToAll && !published.has(id));
      if (missing.length > 0) await this.onMissing(missing);
    }
    return news.length > 0;
  }

  private async carryOut(dataSource: DataSource, { id, personHash }: RegisteredErasure): Promise<void> {
    const isTheirs = (identity: string) => this.keys.hashes(identity).includes(personHash);
    const person: ErasedPerson = { is: (...identities) => identities.some(isTheirs) };
    const counts = await dataSource.transaction(async (manager) => {
      if (!(await takeErasure(manager, id))) return null;
      const erased = await this.eraser.erase(manager, person);
      if (erased) await finishErasure(manager, id, erased);
      return erased;
    });
    if (!counts) return;
    await this.eraser.afterwards();
    this.log.log({ message: 'a person was erased', erasure: id, ...counts });
  }

  /** Each trouble once: where `notifications` is not there, neither is its stream. */
  private complain(error: unknown): void {
    if (this.isNewTrouble('look', error)) this.log.debug({ message: 'erasures are looked at again soon', error });
  }

  private failed({ id }: RegisteredErasure, error: unknown): void {
    if (this.isNewTrouble(id, error))
      this.log.error({ message: 'an erasure failed and is tried again', erasure: id, error });
  }

  /** Of each apart: two that take turns would be new each time. */
  private isNewTrouble(what: string, error: unknown): boolean {
    const trouble = error instanceof Error ? error.message : String(error);
    const isNew = trouble !== this.troubles.get(what);
    this.troubles.set(what, trouble);
    return isNew;
  }
}
