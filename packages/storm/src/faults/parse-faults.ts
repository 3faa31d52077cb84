import { type FailpointName, failpoints, isFailpoint } from './failpoints.js';
import { FaultError } from './faults.errors.js';

/** Longer than the shortest lease that can be configured, 2 s. */
const DEFAULT_DELAY_MS = 3_000;

/** What the n-th call of a failpoint does. Earlier and later calls pass. */
export interface Order {
  readonly name: FailpointName;
  readonly nth: number;
  readonly action: 'kill' | 'throw' | 'delay';
  /** With `delay` only. */
  readonly delayMs?: number;
}

const FORM = /^(?<name>[^:\s]+):(?<nth>[1-9]\d{0,5}):(?:(?<action>kill|throw|delay)|delay:(?<ms>\d{1,6}))$/;

/**
 * Reads `FAILPOINT`: `name:nth:kill`, `name:nth:throw`, `name:nth:delay` or `name:nth:delay:<milliseconds>`, several of
 * them separated by commas.
 * @throws FaultError for an unknown failpoint, and for anything of another form
 */
export function parseOrders(setting: string): Order[] {
  return entriesOf(setting).map((entry) => {
    const { name = '', nth, action = 'delay', ms } = FORM.exec(entry)?.groups ?? {};
    if (nth === undefined)
      throw new FaultError(`FAILPOINT has "${entry}": write name:nth:kill, name:nth:throw or name:nth:delay:<ms>.`);
    if (!isFailpoint(name))
      throw new FaultError(`FAILPOINT has "${name}". The known ones are: ${Object.keys(failpoints).join(', ')}.`);
    const order = { name, nth: Number(nth), action: action as Order['action'] };
    return order.action === 'delay' ? { ...order, delayMs: Number(ms ?? DEFAULT_DELAY_MS) } : order;
  });
}

function entriesOf(setting: string): string[] {
  return setting.trim() === '' ? [] : setting.split(',').map((entry) => entry.trim());
}
