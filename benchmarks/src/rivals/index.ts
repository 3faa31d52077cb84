export { startBullmq } from './bullmq/bullmq.js';
export { type Losses, lossesOf } from './losses.js';
export { type Rival, rivalEvent } from './rival.js';
export { startTextbook } from './textbook/textbook.js';
