import { addressIdentity } from '@bellhop/contracts';
import { type ErasedPerson, everyRow, PersonEraser } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { deleteGuest } from './delete-guest.js';

/** Where addresses stand; those of links and sessions as they are compared, others as they were typed. */
const ADDRESSES = [
  ['links', 'email'],
  ['challenges', 'email'],
  ['sessions', 'email'],
  ['link_requests', 'email'],
  ['idempotency_keys', `substring(principal from '^guest:(.*)$')`],
] as const;

/**
 * Forgets a guest: links, sessions and questions. Accounts have nothing here. What budgets have counted stays: under a keyed hash, for a
 * day, and being forgotten is no way to a new budget.
 */
@Injectable()
export class GuestEraser extends PersonEraser {
  async erase(manager: EntityManager, person: ErasedPerson): Promise<Record<string, number>> {
    const addresses = new Set<string>();
    for (const [table, column] of ADDRESSES) {
      await everyRow<{ email: string | null }>(manager, { columns: `${column} as email`, table }, ({ email }) => {
        if (email !== null && person.is(addressIdentity(email))) addresses.add(email);
      });
    }
    return deleteGuest(manager, [...addresses]);
  }
}
