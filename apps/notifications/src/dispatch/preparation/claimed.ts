import type { DataSource } from 'typeorm';
import type { Channel } from '../../channels/channel.js';
import type { LeasedDelivery } from '../delivery.js';

/** Deliveries of one channel that a dispatcher has claimed. */
export interface Claimed {
  readonly channel: Channel;
  readonly dataSource: DataSource;
  readonly claimed: readonly LeasedDelivery[];
  /** Links that guest-auth has issued for some of them. */
  readonly links?: ReadonlyMap<LeasedDelivery, string> | undefined;
}
