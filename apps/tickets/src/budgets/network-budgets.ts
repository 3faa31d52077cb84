import { NETWORK_FACTORS, type NetworkLength, networksAround } from '@bellhop/service';

export interface NetworkBudget {
  readonly network: string;
  /** Its limit, as a multiple of that of the smallest network. */
  readonly factor: number;
}

const LENGTHS = Object.keys(NETWORK_FACTORS) as readonly NetworkLength[];

/** The budgets of one payer, the smallest network first, then those around it. A payer that is no network has one. */
export function budgetsOf(payer: string): readonly NetworkBudget[] {
  const networks = networksAround(payer);
  const found = new Map<string, number>();
  for (const length of LENGTHS) {
    const network = networks[length];
    if (network !== null && !found.has(network)) found.set(network, NETWORK_FACTORS[length]);
  }
  return [...found].map(([network, factor]) => ({ network, factor }));
}
