import { appendEvents } from '@bellhop/outbox';
import type { EntityManager } from 'typeorm';
import type { Channel } from '../channels/channel.js';
import type { Report } from '../channels/report.js';
import { notificationEvents } from '../dispatch/outcomes/notification-events.js';
import { suppress } from '../dispatch/outcomes/suppress.js';
import { wipeFrozen } from '../dispatch/outcomes/wipe-frozen.js';
import { acceptByEvidence } from './accept-by-evidence.js';
import type { Feedback } from './feedback.js';
import { changeOf, type FeedbackChange } from './feedback-change.js';
import { findDeliveries } from './find-deliveries.js';
import { recordFeedback } from './record-feedback.js';

/** The event for other systems. A delay has none: events say how a delivery ended. */
const EVENT_OF = {
  delayed: null,
  delivered: 'notification.delivered.v1',
  bounced: 'notification.bounced.v1',
  complained: 'notification.complained.v1',
} as const satisfies Record<Feedback, string | null>;

export interface Applied extends FeedbackChange {
  /** It had an unanswered attempt; the report proves that the provider accepted it. */
  readonly isSettled: boolean;
}

/** Records reports and appends their events: one statement of each kind for any number of reports. */
export async function applyReports(
  manager: EntityManager,
  reports: readonly Report[],
  channels: readonly Channel[],
): Promise<Applied[]> {
  const found = await findDeliveries(manager, reports, channels);
  if (found.length === 0) return [];
  const changes = found.map((delivery) =>
    changeOf(
      delivery,
      delivery.reports.map((n) => reports[n] as Report),
    ),
  );
  const settled = await acceptByEvidence(manager, changes);
  await recordFeedback(manager, changes);
  if (settled.size > 0) await wipeFrozen(manager, [...settled]);
  const suppressions = changes.flatMap(({ suppression }) => suppression ?? []);
  if (suppressions.length > 0) await suppress(manager, suppressions);
  const applied = changes.map((change) => ({ ...change, isSettled: settled.has(change.delivery.id) }));
  const now = new Date();
  await appendEvents(
    manager,
    applied.flatMap((one) => eventsOf(one, now)),
  );
  return applied;
}

function eventsOf({ delivery, isSettled, isNews, feedback, reason }: Applied, now: Date) {
  const type = isNews && feedback !== null ? EVENT_OF[feedback] : null;
  return [
    ...(isSettled ? notificationEvents('notification.accepted.v1', delivery, now) : []),
    ...(type ? notificationEvents(type, delivery, now, reason ?? undefined) : []),
  ];
}
