export { buildEvent, type DeepPartial } from './build-event.js';
