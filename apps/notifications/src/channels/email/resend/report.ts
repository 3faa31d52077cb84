import type { WebhookEvent } from 'resend';
import type { Report, ReportKind } from '../../report.js';
import { refusalOf } from '../refusal.js';
import { parseReply } from '../reply.js';
import { record } from './record.js';

const KINDS: ReadonlyMap<unknown, ReportKind> = new Map<WebhookEvent, ReportKind>([
  ['email.sent', 'sent'],
  ['email.delivered', 'delivered'],
  ['email.delivery_delayed', 'delayed'],
  ['email.bounced', 'bounced'],
  ['email.complained', 'complained'],
  ['email.failed', 'failed'],
  ['email.suppressed', 'suppressed'],
]);

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const EMAIL_ID = /^[\x21-\x7e]{1,128}$/;
/** As the contract wants the reason of an event. */
const REASON = /^[a-z][a-z0-9_]{0,63}$/;
const MAX_DETAIL_CHARACTERS = 2_000;

/**
 * What a webhook says of one mail (https://resend.com/docs/webhooks/event-types), as far as we use it. Reads leniently: what has
 * another shape than expected is missing. Null for a type of event that we have no use for.
 */
export function readReport(webhook: unknown): Report | null {
  const { type, data } = record(webhook);
  const kind = KINDS.get(type);
  if (!kind) return null;
  const { email_id, tags, ...details } = record(data);
  return {
    kind,
    emailId: textOf(email_id, EMAIL_ID),
    deliveryId: textOf(tagOf(tags, 'delivery'), UUID),
    generation: Number(textOf(tagOf(tags, 'generation'), /^\d{1,6}$/) ?? 0),
    ...explanation(kind, details),
  };
}

function explanation(
  kind: ReportKind,
  details: Record<string, unknown>,
): Pick<Report, 'reason' | 'detail' | 'isFinal'> {
  switch (kind) {
    case 'bounced': {
      const { type, subType, message, diagnosticCode } = record(details.bounce);
      const words = [type, subType, message].filter((word) => typeof word === 'string').join(' ');
      const reason = typeof type === 'string' ? textOf(type.toLowerCase(), REASON) : null;
      const replies = [diagnosticCode, message].flat().filter((said) => typeof said === 'string');
      return {
        reason,
        detail: short(words),
        isFinal: isGone(type, subType) && replies.every((said) => agrees(said, subType)),
      };
    }
    case 'suppressed':
      return { reason: 'suppressed', detail: short(record(details.suppressed).message), isFinal: true };
    case 'failed':
      return { reason: textOf(record(details.failed).reason, REASON) ?? 'failed', detail: null, isFinal: false };
    default:
      return { reason: null, detail: null, isFinal: kind === 'complained' };
  }
}

/** The kinds of bounce that are about the mailbox (https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html, whose words Resend uses). */
const GONE: readonly unknown[] = [undefined, 'General', 'NoEmail', 'Suppressed', 'OnAccountSuppressionList'];

function isGone(type: unknown, subType: unknown): boolean {
  return type === 'Permanent' && GONE.includes(subType);
}

/**
 * Whether what the mail server said, where the bounce quotes it, agrees that the mailbox does not exist. Resend also calls a bounce
 * permanent for a full mailbox, a filter or a refused sender. The quote is `smtp; 552 5.2.2 mailbox full`, or a sentence with such a
 * reply. An unclear reply is enough where Resend itself says that there is no mailbox.
 */
function agrees(said: string, subType: unknown): boolean {
  const reply = parseReply(/\b[45]\d\d[ -].*/s.exec(said)?.[0]);
  const refusal = reply && refusalOf(reply, '');
  return refusal === undefined || refusal === 'no_mailbox' || (refusal === 'unclear' && subType === 'NoEmail');
}

/** Tags come as an object, or as the list of pairs as which they were sent. */
function tagOf(tags: unknown, tag: string): unknown {
  if (!Array.isArray(tags)) return record(tags)[tag];
  return tags.map(record).find(({ name }) => name === tag)?.value;
}

function textOf(value: unknown, shape: RegExp): string | null {
  return typeof value === 'string' && shape.test(value) ? value : null;
}

function short(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_DETAIL_CHARACTERS) : null;
}
