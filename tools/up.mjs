// npm run up: from a bare clone to a running Bellhop. `-- --fresh` starts with empty data.
import { prepare } from './prepare.mjs';

await prepare();
// In this process, so that there is one to stop and nothing in between.
await import('../packages/local-stack/dist/up.js');
