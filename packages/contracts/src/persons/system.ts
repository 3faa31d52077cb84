import { stringOf } from '../shape.js';

/** The system that our own services publish as. No other system may have this name. */
export const OWN_SYSTEM = 'bellhop';

/** Lower-case DNS-like name of a publishing system: the second token of its subjects. Ours is `bellhop`. */
export const systemName = stringOf(
  /^[a-z][a-z0-9-]{0,31}$/,
  'a lower-case name of up to 32 letters, digits and dashes, beginning with a letter',
);
