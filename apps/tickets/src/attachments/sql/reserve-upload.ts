import type { EntityManager } from 'typeorm';
import type { AttachmentLimits } from '../attachment-limits.js';

export interface Reservation {
  readonly id: string;
  readonly uploader: string;
  /** Whose budget of a day it uses up: the network of people without an account, or a customer; null for agents. */
  readonly payer: string | null;
  /** The most that it can become. */
  readonly sizeBytes: number;
}

/**
 * Inputs: who uploads from where, how much at most, and the limits. Result: false when one of the limits would be passed; else the room is
 * taken, before the first byte arrives. Lock: uploader and payer until the transaction ends, always in this order, and for that reason
 * two statements: the second one, which looks anew, counts what everybody has taken who held the locks before. Race: a hundred
 * uploads at once, each of which would have found room alone.
 */
export async function reserveUpload(
  manager: EntityManager,
  { id, uploader, payer, sizeBytes }: Reservation,
  limits: AttachmentLimits,
): Promise<boolean> {
  await manager.query(
    `select pg_advisory_xact_lock(hashtext('attachments of uploader'), hashtext($1)),
            pg_advisory_xact_lock(hashtext('attachments of payer'), hashtext($2))`,
    [uploader, payer ?? uploader],
  );
  const rows: unknown[] = await manager.query(
    `insert into attachments (id, uploader, network, size_bytes, created_at)
     select $1, $2, $3, $4::integer, now()
       from (select count(*) as files, coalesce(sum(size_bytes), 0) as bytes
               from attachments where uploader = $2 and message_id is null) mine,
            (select count(*) as files, coalesce(sum(size_bytes), 0) as bytes
               from attachments where network = $3 and created_at > now() - interval '1 day') near
      where mine.files < $5 and mine.bytes + $4::integer <= $6 and near.files < $7 and near.bytes + $4::integer <= $8
     returning id`,
    [
      ...[id, uploader, payer, sizeBytes],
      ...[limits.unlinkedFiles, limits.unlinkedBytes, limits.filesPerDay, limits.perDayBytes],
    ],
  );
  return rows.length > 0;
}
