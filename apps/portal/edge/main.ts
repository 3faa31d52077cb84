import { parseConfig, runMain } from '@bellhop/http';
import { configSchema } from './config.js';
import { runEdge } from './run-edge.js';

await runMain(async () => runEdge(parseConfig(configSchema)), 'portal');
