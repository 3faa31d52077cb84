import { accountIdentity, addressIdentity, OWN_SYSTEM } from '@bellhop/contracts/persons';
import { eraseOutbox, isAwaitedByOthers, nameInEvents } from '@bellhop/outbox';
import { everyRow } from '@bellhop/postgres';
import { type ErasedPerson, PersonEraser } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { purgeAttachments } from '../attachments/purge-attachments.js';
import { AttachmentStorage } from '../attachments/storage/attachment-storage.js';
import { type TicketChange, ticketChanges } from '../tickets/ticket-changes.js';
import { deletePeople } from './delete-people.js';
import { deleteTicketsOf } from './delete-tickets-of.js';
import { disownWritings } from './disown-writings.js';
import { releaseAttachments } from './release-attachments.js';

/**
 * Erases a person: their tickets are deleted with all messages in them. What they wrote as an agent belongs to other people's
 * tickets and stays, with its files, without an author.
 */
@Injectable()
export class TicketPersonEraser extends PersonEraser {
  constructor(
    private readonly dataSource: DataSource,
    private readonly storage: AttachmentStorage,
  ) {
    super();
  }

  async erase(manager: EntityManager, person: ErasedPerson): Promise<Record<string, number> | null> {
    const { keys, names } = await this.find(manager, person);
    const principals = keys.map(principalOf);
    // A filing in progress holds the row: this waits for it.
    await manager.query('select from people where id = any ($1) order by id for update', [keys]);
    const own: TicketChange[] = await manager.query('select id, version from tickets where requester_id = any ($1)', [
      keys,
    ]);
    const ownIds = own.map(({ id }) => id);
    // Events of what an agent has just written must be published first.
    if (await isAwaitedByOthers(manager, names, ownIds)) return null;
    const files = await releaseAttachments(manager, keys, principals);
    const tickets = await deleteTicketsOf(manager, keys);
    // Newer than what any page shows: pages learn that it is gone.
    for (const { id, version } of own) ticketChanges.note(manager, { id, version: version + 1 });
    const disowned = await disownWritings(manager, keys, principals);
    const [, answers]: [unknown, number] = await manager.query(
      'delete from idempotency_keys where principal = any ($1)',
      [principals],
    );
    const events = await eraseOutbox(manager, names);
    const people = await deletePeople(manager, keys);
    return { people, tickets, files, disowned, answers, events };
  }

  /** Purges the contents of files whose rows were released, like those of deleted tickets. */
  override async afterwards(): Promise<void> {
    await purgeAttachments(this.storage)(this.dataSource, { signal: AbortSignal.timeout(30_000) });
  }

  /** Their keys, and how events name them. */
  private async find(manager: EntityManager, person: ErasedPerson): Promise<{ keys: string[]; names: string[] }> {
    const keys: string[] = [];
    const names: string[] = [];
    await everyRow<Known>(manager, { columns: 'id, kind, email', table: 'people' }, ({ id, kind, email }) => {
      const isAccount = kind === 'user' && person.is(accountIdentity(OWN_SYSTEM, id));
      if (!isAccount && !(email && person.is(addressIdentity(email)))) return;
      keys.push(id);
      if (email) names.push(JSON.stringify(email).toLowerCase());
      if (kind === 'user') names.push(nameInEvents('user', id), nameInEvents('agent', id));
    });
    // Of somebody who only tried things out, no ticket and no person may be there.
    for (const [table, column] of PRINCIPALS) {
      const rows = { columns: `${column} as principal`, table, where: `${column} not like 'browser:%'` };
      await everyRow<{ principal: string }>(manager, rows, ({ principal }) => {
        const key = keyOf(principal);
        if (!keys.includes(key) && isPrincipal(person, principal)) keys.push(key);
      });
    }
    return { keys, names };
  }
}

const PRINCIPALS = [
  ['idempotency_keys', 'principal'],
  ['attachments', 'uploader'],
] as const;

interface Known {
  readonly id: string;
  readonly kind: 'user' | 'guest';
  readonly email: string | null;
}

/** Guests have the same name in both places; accounts have a prefix. */
function principalOf(key: string): string {
  return key.startsWith('guest:') ? key : `user:${key}`;
}

function keyOf(principal: string): string {
  return principal.replace(/^user:/, '');
}

function isPrincipal(person: ErasedPerson, principal: string): boolean {
  if (principal.startsWith('guest:')) return person.is(addressIdentity(principal.slice('guest:'.length)));
  return person.is(accountIdentity(OWN_SYSTEM, keyOf(principal)));
}
