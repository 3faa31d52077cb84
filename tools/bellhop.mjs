// npm run bellhop -- <command>: shows what is stuck, and moves it. `npm run -s bellhop -- … --json` writes nothing but JSON.
import { prepare } from './prepare.mjs';

// What is asked for is on stdout; what happens before it is not part of the answer.
console.log = console.error;
await prepare();
await import('../packages/operator-cli/dist/main.js');
