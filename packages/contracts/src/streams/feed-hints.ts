import { z } from 'zod';
import { identifier } from '../persons/persons.js';

/**
 * From replica to replica of `notifications`, over core NATS: whose feed has changed. Nothing is stored and some may be lost; every
 * replica looks into the database twice a minute.
 */
export const FEED_HINTS_SUBJECT = 'notifications.feed.v1';

/** Accounts, each with the newest `rev` of its feed. */
export const feedHints = z.object({ people: z.array(z.tuple([identifier, z.int()])) });

export type FeedHintsMessage = z.infer<typeof feedHints>;
