// For `node --import`, before a file of a faulty build: FAILPOINT=name:nth:kill|throw|delay[:ms],…
// The built files of the product contain no such call and do not read that variable.
import { FaultError } from './faults.errors.js';
import { parseOrders } from './parse-faults.js';
import { RUNTIME_KEY } from './rewrite.js';
import { failpointRuntime } from './runtime.js';

try {
  const orders = parseOrders(process.env.FAILPOINT ?? '');
  Object.assign(globalThis, { [Symbol.for(RUNTIME_KEY)]: failpointRuntime(orders) });
} catch (error) {
  if (!(error instanceof FaultError)) throw error;
  console.error(error.message);
  process.exit(1);
}
