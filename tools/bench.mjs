// npm run bench: measures what docs/explanation/performance.md tells of. `-- --only intake,relay` takes some rows, `-- --help` tells more.
import { prepare } from './prepare.mjs';

await prepare();
// As in the images: React renders twice as fast then, and it is what others would have.
process.env.NODE_ENV = 'production';
// In this process, so that there is one to stop and nothing in between.
await import('../benchmarks/dist/bench.js');
