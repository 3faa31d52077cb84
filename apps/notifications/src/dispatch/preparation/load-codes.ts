import type { DataSource } from 'typeorm';

export interface SealedCode {
  readonly deliveryId: string;
  readonly challengeId: string;
  readonly sealed: Buffer;
}

/** in: delivery ids · out: the codes of those that have one and are not settled · lock: none. */
export async function loadCodes(dataSource: DataSource, deliveryIds: readonly string[]): Promise<SealedCode[]> {
  return dataSource.query(
    `select c.delivery_id as "deliveryId", d.request_id as "challengeId", c.sealed
     from sealed_codes c join deliveries d on d.id = c.delivery_id
     where c.delivery_id = any ($1::uuid[])`,
    [deliveryIds],
  );
}
