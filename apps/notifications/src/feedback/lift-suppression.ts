import { normaliseAddress } from '@bellhop/contracts/persons';
import type { DataSource } from 'typeorm';

/**
 * Lifts a suppression for an operator.
 * in: address in any spelling · out: whether it was suppressed · lock: its row · race: a later bounce suppresses it again.
 */
export async function liftSuppression(dataSource: DataSource, address: string): Promise<boolean> {
  const [, count]: [unknown, number] = await dataSource.query(
    `delete from suppressions where channel = 'email' and endpoint = $1`,
    [normaliseAddress(address)],
  );
  return count > 0;
}
