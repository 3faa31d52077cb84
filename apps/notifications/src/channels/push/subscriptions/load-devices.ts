import { prepared } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import type { PushServiceName } from '../endpoint.js';

/** A subscription that pushes go to. */
export interface DeviceRow {
  readonly id: string;
  readonly person: string;
  readonly endpointHash: Buffer;
  readonly sealed: Buffer;
  /** The public key that it was made with. */
  readonly vapidKey: string;
  readonly service: PushServiceName;
  /** It has taken a push before. */
  readonly wasServed: boolean;
}

const SQL = `
  select id, person, endpoint_hash as "endpointHash", sealed, vapid_key as "vapidKey", service, accepted_at is not null as "wasServed"
  from push_subscriptions where person = any ($1) and state = 'active'`;

/**
 * in: people · out: every device that pushes go to · lock: none · race: one that is switched off after this gets this push, as it would a
 * moment ago.
 */
export function loadDevices(dataSource: DataSource, people: readonly string[]): Promise<DeviceRow[]> {
  return prepared(dataSource, 'load_push_devices', SQL, [people]);
}
