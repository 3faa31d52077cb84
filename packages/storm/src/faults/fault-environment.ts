import type { Order } from './parse-faults.js';
import { REPOSITORY } from './repository.js';

const REGISTER = new URL('packages/storm/dist/faults/register.js', REPOSITORY).href;

/** What a process of a faulty build must see in its environment to execute these orders. */
export function faultEnvironment(orders: readonly Order[]): Record<string, string> {
  return { NODE_OPTIONS: `--import ${REGISTER}`, FAILPOINT: orders.map(orderText).join() };
}

function orderText({ name, nth, action, delayMs }: Order): string {
  return [name, nth, action, ...(delayMs === undefined ? [] : [delayMs])].join(':');
}
