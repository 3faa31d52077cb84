import { networksAround } from '@bellhop/service';
import type { EntityManager } from 'typeorm';
import { budgetsOf } from '../budgets/network-budgets.js';
import type { AttachmentLimits } from './attachment-limits.js';

export interface Reservation {
  readonly id: string;
  readonly uploader: string;
  /** Whose daily budget it uses: the network of people without an account, or a customer; null for agents. */
  readonly payer: string | null;
  /** Upper bound of its size. */
  readonly sizeBytes: number;
}

/**
 * Inputs: uploader and payer, the upper bound of the size, and the limits. Result: false if a limit would be exceeded; else the space is
 * reserved, before the first byte arrives. Lock: uploader and payer (for people without an account the smallest network) until the
 * transaction ends, always in this order. That takes two statements: the second has a new snapshot and counts what earlier lock holders
 * reserved. Race: concurrent uploads, each of which would have found space alone; the networks around are not locked, and their limits
 * may be exceeded by the uploads in progress.
 */
export async function reserveUpload(
  manager: EntityManager,
  { id, uploader, payer, sizeBytes }: Reservation,
  limits: AttachmentLimits,
): Promise<boolean> {
  const budgets = payer === null ? [] : budgetsOf(payer);
  const around = budgets.slice(1).map(({ network }) => network);
  await manager.query(
    `select pg_advisory_xact_lock(hashtext('attachments of uploader'), hashtext($1)),
            pg_advisory_xact_lock(hashtext('attachments of payer'), hashtext($2))`,
    [uploader, payer === null ? uploader : networksAround(payer).network],
  );
  const rows: unknown[] = await manager.query(
    `insert into attachments (id, uploader, network, around, size_bytes, created_at)
     select $1, $2, $3, $4::text[], $5::integer, now()
       from (select count(*) as files, coalesce(sum(size_bytes), 0) as bytes
               from attachments where uploader = $2 and message_id is null) mine
      where mine.files < $6 and mine.bytes + $5::integer <= $7
        and not exists (
          select from unnest($10::text[], $11::integer[]) as near(network, factor)
           cross join lateral (
             select count(*) as files, coalesce(sum(size_bytes), 0) as bytes
               from attachments
              where (network = near.network or around @> array[near.network]) and created_at > now() - interval '1 day') taken
           where taken.files >= $8 * near.factor or taken.bytes + $5::integer > $9::bigint * near.factor)
     returning id`,
    [
      ...[id, uploader, payer, around.length > 0 ? around : null, sizeBytes],
      ...[limits.unlinkedFiles, limits.unlinkedBytes, limits.filesPerDay, limits.perDayBytes],
      ...[budgets.map(({ network }) => network), budgets.map(({ factor }) => factor)],
    ],
  );
  return rows.length > 0;
}
