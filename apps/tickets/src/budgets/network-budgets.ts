import { NETWORK_FACTORS, type NetworkLength, networksAround } from '@bellhop/service';

export interface NetworkBudget {
  readonly network: string;
  /** How many times the limit of the smallest network holds for it. */
  readonly factor: number;
}

const LENGTHS = Object.keys(NETWORK_FACTORS) as readonly NetworkLength[];

/** The budgets of one payer, the smallest first: a network and those around it. Around whatever is none there is nothing. */
export function budgetsOf(payer: string): readonly NetworkBudget[] {
  const networks = networksAround(payer);
  const found = new Map<string, number>();
  for (const length of LENGTHS) {
    const network = networks[length];
    if (network !== null && !found.has(network)) found.set(network, NETWORK_FACTORS[length]);
  }
  return [...found].map(([network, factor]) => ({ network, factor }));
}
