import type { Order } from './parse-faults.js';
import { REPOSITORY } from './repository.js';
import type { SabotageName } from './sabotages.js';

export interface Faults {
  readonly failpoints?: readonly Order[];
  readonly sabotages?: readonly SabotageName[];
}

const REGISTER = new URL('packages/storm/dist/faults/register.js', REPOSITORY).href;

/** What a process must see in its environment to start with these faults. */
export function faultEnvironment({ failpoints = [], sabotages = [] }: Faults): Record<string, string> {
  return {
    NODE_OPTIONS: `--import ${REGISTER}`,
    FAILPOINT: failpoints.map(orderText).join(),
    SABOTAGE: sabotages.join(),
  };
}

function orderText({ name, nth, action, delayMs }: Order): string {
  return [name, nth, action, ...(delayMs === undefined ? [] : [delayMs])].join(':');
}
