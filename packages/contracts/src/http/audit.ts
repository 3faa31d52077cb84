import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { typedEmailAddress } from '../persons/email-address.js';
import { page, pageQuery } from './lists.js';

/** `GET /ops/audit?actor=&address=`, newest first: what operators did and looked at. */
export const listAuditQuery = pageQuery.extend({
  /** The `sub` of the operator's token. */
  actor: z.string().min(1).max(255).optional(),
  /** Lines about this address, which stands in none of them. */
  address: typedEmailAddress.optional(),
});
const auditEntryView = z.object({
  id: z.uuid(),
  at: timestamp,
  actor: z.string(),
  /** Method and route. */
  action: z.string(),
  /** What it was about. Addresses stand there as a mark that only `address=` finds. */
  target: z.record(z.string(), z.unknown()),
  reason: z.string().nullable(),
});
export const listAuditResponse = page(auditEntryView);

export type ListAuditQuery = z.infer<typeof listAuditQuery>;
export type AuditEntryView = z.infer<typeof auditEntryView>;
