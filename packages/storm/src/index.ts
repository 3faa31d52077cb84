export { check } from './checker/check.js';
export type * from './checker/evidence.js';
export { VIOLATION_NAMES, type Violation, type ViolationName } from './checker/violation.js';
export * from './faults/index.js';
export { ManagedApp } from './world/managed-app.js';
export { MISBEHAVIOURS, type Misbehaviour, type StormProvider } from './world/provider.js';
export { Random } from './world/random.js';
export { LEASE_MS, type ReplicaOptions, World, type WorldOptions } from './world/world.js';
