/**
 * What is due at its time, in the words of the index `deliveries_due`. The states are spelt in a way that no other condition
 * implies, so that the planner takes this index only where it is meant.
 */
export const IS_DUE = `(state || '') in ('pending', 'retrying', 'unknown')`;

/** What a dispatcher holds, in the words of the index `deliveries_leases`. */
export const IS_HELD = `(state || '') in ('leased', 'sending')`;

/** States in the index `deliveries_stuck`: those that an ordinary way never has. */
export const STUCK_STATES: readonly string[] = ['dead', 'skipped', 'retrying', 'unknown'];
