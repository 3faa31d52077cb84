import type { DataSource } from 'typeorm';
import type { DeviceRow } from './load-devices.js';

/** Between two test pushes of one person, in seconds: the button is no way to flood a push service. */
export const TEST_SECONDS = 10;

const SQL = `
  with mine as (
    select id from push_subscriptions where id = $1 and person = $2 and state = 'active'
  ), begun as (
    update push_subscriptions set tested_at = now()
    where id in (select id from mine) and not exists (
      select from push_subscriptions where person = $2 and tested_at > now() - make_interval(secs => ${TEST_SECONDS}))
    returning id, person, endpoint_hash as "endpointHash", sealed, vapid_key as "vapidKey", service, accepted_at is not null as "wasServed"
  )
  select exists (select from mine) as "isThere", begun.* from (select) one left join begun on true`;

/**
 * in: a person and their device · out: the device, if it may be tested now; `too_soon`; null if it is not there · lock: its row · race: of two
 * tests of one device at once the second finds the time of the first; two devices may be tested together.
 */
export async function beginTest(
  dataSource: DataSource,
  person: string,
  id: string,
): Promise<DeviceRow | 'too_soon' | null> {
  const [{ isThere, ...device }]: [DeviceRow & { isThere: boolean }] = await dataSource.query(SQL, [id, person]);
  if (!isThere) return null;
  return device.id === null ? 'too_soon' : device;
}
