// For `node --import`: turns the failpoint comments of this repository's built files into calls, and takes safeguards away.
//   FAILPOINT=name:nth:kill|throw|delay[:ms],…   SABOTAGE=name,…
// Nothing of it is in the built files, and without this import they know neither variable.
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { FaultError } from './faults.errors.js';
import type { HooksData } from './hooks.js';
import { parseOrders, parseSabotages } from './parse-faults.js';
import { REPOSITORY } from './repository.js';
import { RUNTIME_KEY, withReplacements } from './rewrite.js';
import { failpointRuntime } from './runtime.js';
import { type SabotageName, sabotages } from './sabotages.js';

try {
  const orders = parseOrders(process.env.FAILPOINT ?? '');
  const data: HooksData = { sabotages: parseSabotages(process.env.SABOTAGE ?? '') };
  for (const name of data.sabotages) tryOut(name);
  Object.assign(globalThis, { [Symbol.for(RUNTIME_KEY)]: failpointRuntime(orders) });
  register('./hooks.js', import.meta.url, { data });
} catch (error) {
  if (!(error instanceof FaultError)) throw error;
  console.error(error.message);
  process.exit(1);
}

/** Now rather than when the file is loaded: one that nobody loads would never complain. */
function tryOut(name: SabotageName): void {
  for (const replacement of sabotages[name].replacements)
    withReplacements(readFileSync(new URL(replacement.file, REPOSITORY), 'utf8'), [replacement]);
}
