import { addressIdentity } from '@bellhop/contracts/persons';
import { deleteEverywhere, everyRow } from '@bellhop/postgres';
import { type ErasedPerson, PersonEraser } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** Where addresses stand, and as what they are counted; those of links and sessions as they are compared, others as they were typed. */
const ADDRESSES = [
  ['links', 'links', 'email'],
  ['challenges', 'challenges', 'email'],
  ['sessions', 'sessions', 'email'],
  ['requests', 'link_requests', 'email'],
  ['answers', 'idempotency_keys', `substring(principal from '^guest:(.*)$')`],
] as const;

/**
 * Forgets a guest: links, sessions and questions. Accounts have nothing here. What budgets have counted stays: under a keyed hash, for a
 * day, and being forgotten is no way to a new budget.
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
    // Whoever proves the address at this moment may leave a session, which ends within the day.
    for (const [what, table, column] of ADDRESSES) {
      counts[what] = await deleteEverywhere(manager, table, `${column} = any ($3)`, [...addresses]);
    }
    return counts;
  }
}
