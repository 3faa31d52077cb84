import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { prepared } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import type { Channel } from '../../channels/channel.js';
import { AT_ONCE, type LeasedDelivery } from '../delivery.js';
import { IS_DUE } from '../delivery-states.js';
import { type LeasedRow, leasedColumns, leasedDelivery } from '../leased-row.js';

export interface Claim {
  readonly channel: Pick<Channel, 'name' | 'ceilingKeyOf' | 'suppressionKeyOf'>;
  readonly limit: number;
  /** How many may be codes and links that guests requested, also beyond the limit: each code needs a request of its own. */
  readonly requestedLimit: number;
  /** The dispatcher that takes the leases. */
  readonly owner: string;
  readonly leaseMs: number;
}

/** The systems with something due, one index look-up after the other, however many deliveries wait. */
const SYSTEMS = `
  select (select system from deliveries where channel = $1 and ${IS_DUE} order by system limit 1) as system
  union all
  select (select system from deliveries where channel = $1 and ${IS_DUE} and system > s.system order by system limit 1)
  from systems s where s.system is not null`;

/** Due deliveries of system `s` that are not taken yet, most urgent first. */
const dueOf = (limit: string, isLeft: string) => `
  select id from deliveries d
  where d.channel = $1 and d.system = s.system and ${IS_DUE} and d.due_at <= now() and d.priority > ${AT_ONCE} and ${isLeft}
  order by d.priority, d.due_at
  limit ${limit}
  for update skip locked`;

const SQL = `
  with recursive systems as (${SYSTEMS}
  ), requested as (
    select id from deliveries
    where channel = $1 and system = '${OWN_SYSTEM}' and ${IS_DUE} and due_at <= now() and priority = ${AT_ONCE}
    order by due_at
    limit $5
    for update skip locked
  ), room as (
    select greatest($2 - (select count(*) from requested), 0)::int as places, (select count(system) from systems) as systems
  ), shared as (
    -- With fewer places than systems, the order is random.
    select d.id
    from (select system from systems where system is not null order by random()) s
    cross join lateral (${dueOf('greatest((select places / greatest(systems, 1) from room), 1)', 'true')}) d
    limit (select places from room)
  ), rest as (
    select d.id
    from (select system from systems where system is not null order by random()) s
    cross join lateral (${dueOf('(select places from room) - (select count(*) from shared)', 'd.id not in (select id from shared)')}) d
    limit (select places from room) - (select count(*) from shared)
  ), due as (
    select id from requested union all select id from shared union all select id from rest
  ), claimed as (
    update deliveries d set
      state = 'leased', leased_by = $3, lease_until = now() + $4 * interval '1 millisecond', fence = d.fence + 1
    where d.id = any (array(select id from due))
    returning d.*
  ), telling as (
    insert into told as t (recipient_key, system, ticket_id, channel, version)
    select recipient_key, system, ticket_id, channel, max(version) from claimed
    -- What a guest asked for tells of no version.
    where request_id is null
    group by recipient_key, system, ticket_id, channel
    order by recipient_key, system, ticket_id
    on conflict (recipient_key, system, ticket_id, channel) do update
    set version = greatest(t.version, excluded.version), told_at = now()
  )
  select ${leasedColumns('c')}
  from claimed c
  order by c.priority > ${AT_ONCE}, row_number() over (partition by c.system order by c.priority, c.due_at), c.priority, c.due_at`;

/**
 * pending | retrying | unknown → leased, for what is due. Codes and links that guests requested come first, up to a limit. The other
 * places are shared among the systems; a system leaves those that it does not need to the others. Within a system urgent
 * deliveries come first, then those due longest: one system's urgency delays no other system.
 * in: channel, limits, owner, lease · out: the leased rows, the first of each system, then the second … · lock: the claimed rows,
 * skipping what another dispatcher is claiming, then their watermarks in key order · race: the watermark `told` rises in the
 * same statement, so that an older fact arriving from now on is overtaken; the fence makes every earlier holder powerless.
 */
export async function claimDue(dataSource: DataSource, claim: Claim): Promise<LeasedDelivery[]> {
  const rows: LeasedRow[] = await prepared(dataSource, 'claim_due', SQL, [
    claim.channel.name,
    claim.limit,
    claim.owner,
    claim.leaseMs,
    claim.requestedLimit,
  ]);
  return rows.map((row) => leasedDelivery(row, claim.channel));
}
