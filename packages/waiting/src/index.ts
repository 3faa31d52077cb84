export { backoffMs } from './backoff.js';
export { pause, unlessAborted } from './pause.js';
export { Signal } from './signal.js';
export { TransientError } from './transient-error.js';
