import { addressIdentity } from '@bellhop/contracts/persons';
import { deleteEverywhere, everyRow } from '@bellhop/postgres';
import { type ErasedPerson, PersonEraser } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** What the report calls it, table, and column with the address: normalised in links, challenges and sessions, elsewhere as typed. */
const ADDRESSES = [
  ['links', 'links', 'email'],
  ['challenges', 'challenges', 'email'],
  ['sessions', 'sessions', 'email'],
  ['requests', 'link_requests', 'email'],
  ['answers', 'idempotency_keys', `substring(principal from '^guest:(.*)$')`],
] as const;

/**
 * Erases what is stored of a guest. People with an account have nothing here. Spendings stay: they are keyed hashes, are deleted after a day,
 * and an erasure must not be a way to a new budget.
 */
@Injectable()
export class GuestEraser extends PersonEraser {
  async erase(manager: EntityManager, person: ErasedPerson): Promise<Record<string, number>> {
    const addresses = new Set<string>();
    for (const [, table, column] of ADDRESSES) {
      await everyRow<{ email: string | null }>(manager, { columns: `${column} as email`, table }, ({ email }) => {
        if (email !== null && person.is(addressIdentity(email))) addresses.add(email);
      });
    }
    const counts: Record<string, number> = {};
    // A verification that runs concurrently may leave a session, which ends within the day.
    for (const [what, table, column] of ADDRESSES) {
      counts[what] = await deleteEverywhere(manager, table, `${column} = any ($3)`, [...addresses]);
    }
    return counts;
  }
}
