import { Injectable } from '@nestjs/common';
import { ErasureKeys } from './erasure-keys.js';
import type { RequestedErasure } from './insert-erasures.js';

/** Who was erased, in memory: what is asked of every event must not ask the database. */
@Injectable()
export class ErasedPeople {
  /** Hash → when the newest erasure of that person was asked for. */
  private people: ReadonlyMap<string, number> = new Map();
  private register: readonly RequestedErasure[] | undefined;
  private tell: () => void = () => undefined;

  /** Resolves when the register was read for the first time: who decides by it must not begin earlier. */
  readonly known = new Promise<void>((resolve) => {
    this.tell = resolve;
  });

  constructor(private readonly keys: ErasureKeys) {}

  /** Every second, with the same one as long as nothing has changed. */
  replace(register: readonly RequestedErasure[]): void {
    if (register === this.register) return;
    this.register = register;
    const people = new Map<string, number>();
    for (const { personHash, requestedAt } of register) {
      people.set(personHash, Math.max(people.get(personHash) ?? 0, requestedAt.getTime()));
    }
    this.people = people;
    this.tell();
  }

  /** Nobody was erased: whoever asks about every event need not even work out identities. */
  get isEmpty(): boolean {
    return this.people.size === 0;
  }

  /**
   * Whether one of these identities was erased at that time or later: what is older finds nobody. Costs nothing as long as nobody
   * was, then a hash or two.
   */
  includes(at: Date, ...identities: readonly string[]): boolean {
    if (this.isEmpty) return false;
    const hashes = identities.flatMap((identity) => this.keys.hashes(identity));
    return hashes.some((hash) => (this.people.get(hash) ?? Number.NEGATIVE_INFINITY) >= at.getTime());
  }
}
