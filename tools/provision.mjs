// npm run provision: streams, consumers and tables of every app. Safe to run again; destroys nothing.
import { prepare } from './prepare.mjs';

await prepare();
await import('../packages/local-stack/dist/provision-all.js');
