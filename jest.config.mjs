import { jestConfig } from './packages/jest-preset/src/index.js';

export default jestConfig(import.meta.dirname);
