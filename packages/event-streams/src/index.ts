export type { EventStream } from './event-stream.js';
export { EventStreams, type EventStreamsOptions } from './event-streams.js';
export { eventFrame, type Hint } from './frames.js';
export { Looks } from './looks.js';
