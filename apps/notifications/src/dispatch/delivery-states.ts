/**
 * The condition of the index `deliveries_due`. The expression `state || ''` is implied by no other condition, so that the planner
 * uses this index only where it is meant.
 */
export const IS_DUE = `(state || '') in ('pending', 'retrying', 'unknown')`;

/** The condition of the index `deliveries_leases`: what dispatchers hold. */
export const IS_HELD = `(state || '') in ('leased', 'sending')`;

/** The states in the index `deliveries_stuck`: a delivery without problems never has them. */
export const STUCK_STATES: readonly string[] = ['dead', 'skipped', 'retrying', 'unknown'];

/**
 * The condition of the index `deliveries_recipient`: what was tried, or has ended. As an expression, for the same reason; and so that a
 * delivery is written into that index for its attempts only, not while it waits.
 */
export const IS_TRIED = 'coalesce(attempted_at, settled_at) is not null';
