export { type Failpoint, type FailpointName, failpoints } from './failpoints.js';
export { faultEnvironment } from './fault-environment.js';
export type { Order } from './parse-faults.js';
export type { FailpointLine } from './runtime.js';
export { type SabotageName, sabotages } from './sabotages.js';
