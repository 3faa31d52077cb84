import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { FailpointReachedError } from './faults.errors.js';
import type { Order } from './parse-faults.js';

/** One line of JSON on standard error, written before the action, so that a test can wait for it. */
export interface FailpointLine {
  readonly failpoint: string;
  readonly nth: number;
  readonly action: Order['action'];
}

/** What a failpoint calls: counts the calls, and executes the order for the n-th one. */
export function failpointRuntime(orders: readonly Order[]): (name: string) => Promise<void> {
  const calls = new Map<string, number>();
  return async (name) => {
    const nth = (calls.get(name) ?? 0) + 1;
    calls.set(name, nth);
    const order = orders.find((one) => one.name === name && one.nth === nth);
    if (order) await execute(order);
  };
}

async function execute({ name, nth, action, delayMs }: Order): Promise<void> {
  const line: FailpointLine = { failpoint: name, nth, action };
  writeSync(process.stderr.fd, `${JSON.stringify(line)}\n`);
  if (action === 'throw') throw new FailpointReachedError(name);
  if (action === 'delay') return pause(delayMs);
  process.kill(process.pid, 'SIGKILL');
  // The signal takes a moment to arrive, in which nothing may happen.
  await new Promise<never>(() => undefined);
}
