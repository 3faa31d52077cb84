export { check } from './checker/check.js';
export type * from './checker/evidence.js';
export { VIOLATION_NAMES, type Violation, type ViolationName } from './checker/violation.js';
export * from './faults/index.js';
