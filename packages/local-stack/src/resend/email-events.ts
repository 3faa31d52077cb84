import { createHash } from 'node:crypto';
import { addressOf, type EmailRequest } from './email-rules.js';

/** A mail that the server has taken over. */
export interface AcceptedEmail extends EmailRequest {
  id: string;
  apiKey: string;
  /** The idempotency key it came under. */
  key: string | null;
  /** Milliseconds since 1970, by the real clock. */
  acceptedAt: number;
}

export type EmailEventType =
  | 'email.sent'
  | 'email.delivered'
  | 'email.delivery_delayed'
  | 'email.bounced'
  | 'email.complained'
  | 'email.failed'
  | 'email.suppressed'
  | 'email.opened'
  | 'email.clicked';

/** What becomes of mails to an address. `extra` goes into the event's data: `{ bounce: { type: 'Transient' } }`. */
export interface EmailFate {
  type: EmailEventType;
  extra?: Record<string, unknown>;
}

export interface EmailEvent {
  type: EmailEventType;
  created_at: string;
  data: Record<string, unknown> & { email_id: string };
}

/** The part of `data` that only one type has: https://resend.com/docs/webhooks/event-types */
const DETAILS: Partial<Record<EmailEventType, Record<string, Record<string, unknown>>>> = {
  'email.bounced': {
    bounce: {
      type: 'Permanent',
      subType: 'General',
      message: 'The mailbox does not exist.',
      diagnosticCode: ['smtp; 550 5.1.1 no such user'],
    },
  },
  'email.failed': { failed: { reason: 'internal_error' } },
  'email.suppressed': {
    suppressed: { type: 'OnAccountSuppressionList', message: 'The address is on the suppression list.' },
  },
  'email.clicked': {
    click: {
      ipAddress: '127.0.0.1',
      link: 'https://example.com',
      timestamp: '2026-01-01T00:00:00.000Z',
      userAgent: 'test',
    },
  },
};

/** Resend's own test addresses; a label may follow, `bounced+label@resend.dev`. */
const TEST_ADDRESS = /^(delivered|bounced|complained|suppressed)(?:\+[^@]*)?@resend\.dev$/;

/** @param at milliseconds since 1970 */
export function eventOf(
  type: EmailEventType,
  email: Pick<AcceptedEmail, 'id'> & Partial<AcceptedEmail>,
  at: number,
  extra: Record<string, unknown> = {},
): EmailEvent {
  const details = Object.entries(DETAILS[type] ?? {}).map(([name, usual]) => {
    return [name, { ...usual, ...(extra[name] as object | undefined) }];
  });
  return {
    type,
    created_at: new Date(at).toISOString(),
    data: {
      created_at: new Date(email.acceptedAt ?? at).toISOString(),
      email_id: email.id,
      from: email.from ?? 'unknown@example.com',
      to: email.to ?? [],
      subject: email.subject ?? '',
      // Resend leaves them out when there are none.
      ...(Object.keys(email.tags ?? {}).length > 0 && { tags: email.tags }),
      ...extra,
      ...Object.fromEntries(details),
    },
  };
}

/** What follows `email.sent`, decided by the first recipient of whom something is known. */
export function fateOf(
  email: AcceptedEmail,
  fates: Record<string, EmailFate>,
  isDelivering: boolean,
): EmailFate | undefined {
  for (const mailbox of email.to) {
    const address = addressOf(mailbox) ?? '';
    const [, test] = TEST_ADDRESS.exec(address) ?? [];
    const fate = fates[address] ?? (test && { type: `email.${test}` as EmailEventType });
    if (fate) return fate;
  }
  return isDelivering ? { type: 'email.delivered' } : undefined;
}

/** The same for the same event, also after a restart, so that a receiver can tell a repetition by it. */
export function messageId(type: EmailEventType, emailId: string): string {
  return `msg_${createHash('sha256').update(`${type} ${emailId}`).digest('base64url').slice(0, 27)}`;
}
