import { normaliseAddress } from '@bellhop/contracts/persons';
import type { DataSource } from 'typeorm';

/**
 * Lifts a suppression, because an operator said so.
 * in: address in any spelling · out: whether it was suppressed · lock: its row · race: what bounces from now on suppresses it anew.
 */
export async function liftSuppression(dataSource: DataSource, address: string): Promise<boolean> {
  const [, count]: [unknown, number] = await dataSource.query(
    `delete from suppressions where channel = 'email' and endpoint = $1`,
    [normaliseAddress(address)],
  );
  return count > 0;
}
