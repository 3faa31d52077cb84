export { startBullmq } from './bullmq/bullmq.js';
export { type Losses, lossesOf } from './losses.js';
export { type Rival, type RivalServers, rivalEvent } from './rival.js';
export { startTextbook } from './textbook/textbook.js';
