import type { DeliveryTrace } from '@bellhop/contracts/http';
import type { DataSource } from 'typeorm';
import { DEVICES } from './load-deliveries.js';

const SQL = `
  select d.id, json_build_object('template', d.template, 'attempts', d.tries, 'unknowns', d.unknowns, 'attemptedAt', d.attempted_at,
    'settledAt', d.settled_at, 'providerRef', d.provider_ref,
    'feedback', case when d.feedback is not null then json_build_object('kind', d.feedback, 'at', d.feedback_at) end,
    'copies', d.copies, 'foldedInto', d.folded_into, 'devices', ${DEVICES}) as trace
  from deliveries d where d.id = any ($1::uuid[])`;

/** in: delivery ids · out: id → its way, for those that are still recorded · lock: none · race: none, a snapshot. */
export async function loadTraces(
  dataSource: DataSource,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DeliveryTrace>> {
  if (ids.length === 0) return new Map();
  const rows: { id: string; trace: DeliveryTrace }[] = await dataSource.query(SQL, [ids]);
  return new Map(rows.map(({ id, trace }) => [id, trace]));
}
