import { randomUUID } from 'node:crypto';
import { updateEverywhere } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';
import { ticketChanges } from '../tickets/ticket-changes.js';

/**
 * Inputs: keys of people, and their names as uploaders. Result: the number of messages, notes, files, assignments and timeline entries in other
 * people's tickets that no longer name them; open pages of the desk are told. Lock: those rows. Race: an agent who writes at this moment is entered
 * again, as with every request.
 */
export async function disownWritings(
  manager: EntityManager,
  keys: readonly string[],
  uploaders: readonly string[],
): Promise<number> {
  const nobody = `erased-${randomUUID()}`;
  const [{ count, tickets }]: [{ count: number; tickets: string[] }] = await manager.query(
    `with concerned as (
       select exists (select from messages where author_id = any ($1)) or exists (select from notes where author_id = any ($1)) as is_so
     ), stand_in as (
       insert into people (id, kind, is_agent, changed_at) select $2, 'user', false, now() from concerned where is_so returning id
     ), wrote as (
       update messages set author_id = stand_in.id from stand_in where author_id = any ($1) returning ticket_id
     ), noted as (
       update notes set author_id = stand_in.id from stand_in where author_id = any ($1) returning ticket_id
     ), had as (
       update tickets set assignee_id = null where assignee_id = any ($1) returning id as ticket_id
     )
     select (select count(*) from wrote) + (select count(*) from noted) + (select count(*) from had) as count,
       array(select ticket_id from wrote union select ticket_id from noted union select ticket_id from had) as tickets`,
    [keys, nobody],
  );
  // No new version: only the desk shows who it was.
  for (const id of tickets) ticketChanges.note(manager, { id, version: 0 });
  const did = { table: 'timeline_entries', set: 'by_id = null', condition: 'by_id = any ($3)' };
  const sent = { table: 'attachments', set: `uploader = '${nobody}'`, condition: 'uploader = any ($3)' };
  const entries = await updateEverywhere(manager, did, keys);
  return Number(count) + entries + (await updateEverywhere(manager, sent, uploaders));
}
