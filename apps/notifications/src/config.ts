export { type Config, configSchema } from './settings.js';
