import { type BatchOptions, inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import type { ChannelName } from '../../channels/channel.js';
import { IS_DUE, IS_HELD } from '../delivery-states.js';

/** What waits, and what a dispatcher held that has stopped since. */
const LEFT = [IS_DUE, `${IS_HELD} and lease_until < now()`] as const;

/**
 * in: how many rows at most, channels that are off · out: how many have ended · lock: those rows, skipping locked ones · race: a replica that
 * still has the channel may hold some: those whose lease has not run out stay.
 */
const sqlOf = (condition: string) => `
  update deliveries set
    -- One that was being sent may have arrived.
    state = case when unknowns > 0 or state = 'sending' then 'dead' else 'skipped' end,
    reason = case when unknowns > 0 or state = 'sending' then 'no_answer' else 'channel_off' end,
    settled_at = now(), leased_by = null, lease_until = null
  where id = any (array(
    select id from deliveries where channel = any ($2) and ${condition} limit $1 for update skip locked))`;

/** Ends what waits for channels that the configuration has left out since: no dispatcher runs for them, and it would be old news later. */
export async function endSwitchedOff(
  dataSource: DataSource,
  off: readonly ChannelName[],
  options: BatchOptions,
): Promise<number> {
  let total = 0;
  for (const condition of LEFT) {
    total += await inBatches(async (limit) => {
      const [, count]: [unknown, number] = await dataSource.query(sqlOf(condition), [limit, off]);
      return count;
    }, options);
  }
  return total;
}
