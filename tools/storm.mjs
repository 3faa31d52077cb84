// npm run storm: lets servers and processes die under load and says whether the promises held. `-- --seed 7 --minutes 5`.
import { prepare } from './prepare.mjs';

await prepare();
// In this process, so that there is one to stop and nothing in between.
await import('../packages/storm/dist/storm.js');
