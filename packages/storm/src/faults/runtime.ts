import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { FailpointReachedError } from './faults.errors.js';
import type { Order } from './parse-faults.js';

/** One line of JSON on standard error, before anything happens, so that a test can wait for it. */
export interface FailpointLine {
  readonly failpoint: string;
  readonly nth: number;
  readonly action: Order['action'];
}

/** What a failpoint calls: counts, and at the ordered call does what it was told. */
export function failpointRuntime(orders: readonly Order[]): (name: string) => Promise<void> {
  const calls = new Map<string, number>();
  return async (name) => {
    const nth = (calls.get(name) ?? 0) + 1;
    calls.set(name, nth);
    const order = orders.find((one) => one.name === name && one.nth === nth);
    if (order) await obey(order);
  };
}

async function obey({ name, nth, action, delayMs }: Order): Promise<void> {
  const line: FailpointLine = { failpoint: name, nth, action };
  writeSync(process.stderr.fd, `${JSON.stringify(line)}\n`);
  if (action === 'throw') throw new FailpointReachedError(name);
  if (action === 'delay') return pause(delayMs);
  process.kill(process.pid, 'SIGKILL');
  // The signal takes a moment; nothing may happen in it.
  await new Promise<never>(() => undefined);
}
