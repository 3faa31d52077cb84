export { buildEvent } from './build-event.js';
