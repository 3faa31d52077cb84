import { jestConfig } from '@bellhop/jest-preset';

export default jestConfig(import.meta.dirname);
