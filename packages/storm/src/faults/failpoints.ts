import type { ServiceName } from '@bellhop/contracts/streams';

/**
 * Every place where a process can be made to crash, fail or stall: a comment `// failpoint: <name>` on a line of its own, in an async
 * function of a built file. The comments themselves do nothing.
 */
export interface Failpoint {
  /** The apps that reach it. */
  readonly apps: readonly ServiceName[];
  /** What has happened when it is reached, and what has not yet. */
  readonly means: string;
}

const notifications = ['notifications'] as const;
const tickets = ['tickets'] as const;
const both = ['tickets', 'notifications'] as const;

export const failpoints = {
  'tickets.committed': { apps: tickets, means: 'a ticket has changed and its event is committed; nobody was answered' },
  'outbox.appended': {
    apps: both,
    means: 'events are in the outbox; their transaction is still open',
  },
  'relay.read': { apps: both, means: 'unpublished events were read; none of them is published' },
  'relay.published': { apps: both, means: 'NATS has stored them; the outbox has not recorded it' },
  'relay.marked': { apps: both, means: 'they are marked as published' },
  'rollback.detected': { apps: both, means: 'it is detected that the stream has lost its end; nothing is repaired' },
  'rollback.consumer_deleted': {
    apps: both,
    means: 'a consumer ahead of its stream is deleted; it is not created again',
  },
  'rollback.rebuilt': { apps: both, means: 'consumers of that stream are created again; the ledger is not reopened' },
  'rollback.reopened': { apps: both, means: 'lost events count as unpublished again; none of them is published' },
  'intake.received': { apps: notifications, means: 'the handler has the event; nothing is written' },
  'intake.claimed': { apps: notifications, means: 'inbox rows are written and not committed' },
  'intake.decided': { apps: notifications, means: 'deliveries and decisions are written, too, and not committed' },
  'intake.committed': { apps: notifications, means: 'all of it is committed; no message is acknowledged' },
  'settle.decided': { apps: notifications, means: 'acknowledge, retry or terminate is decided; NATS was not told' },
  'deadletter.published': { apps: notifications, means: 'the dead letter is stored; the original is not terminated' },
  'redrive.accepted': {
    apps: notifications,
    means: 'a redriven event was accepted; its dead letter is not marked',
  },
  'dispatch.claimed': { apps: notifications, means: 'due deliveries are leased' },
  'dispatch.prepared': { apps: notifications, means: 'the pre-send check has passed and they are rendered' },
  'dispatch.frozen': { apps: notifications, means: 'the request of a batch is encrypted; it is not stored' },
  'dispatch.begun': {
    apps: notifications,
    means: '`sending` and the request are committed; the provider has received nothing',
  },
  'dispatch.sent': { apps: notifications, means: 'the provider has answered; the outcome is not recorded' },
  'feed.written': { apps: notifications, means: 'entries and revisions are written and not committed' },
  'feed.committed': { apps: notifications, means: 'they are committed; no page was told, and no outcome is recorded' },
  'push.devices_read': { apps: notifications, means: 'the devices of a batch are known; nothing is sent to them' },
  'push.answered': {
    apps: notifications,
    means: 'the push service has answered for one device; others of the person and the batch may be under way',
  },
  'push.sent': {
    apps: notifications,
    means: 'it has answered for all devices of the batch; nothing of that is recorded',
  },
  'push.recorded': {
    apps: notifications,
    means: 'what became of each device is committed; the outcome of the delivery is not',
  },
  'record.written': { apps: notifications, means: 'outcomes and their events are written and not committed' },
  'record.committed': { apps: notifications, means: 'they are committed; the dispatcher still holds the leases' },
  'leases.renewed': { apps: notifications, means: 'leases of this process were renewed' },
  'leases.expired': {
    apps: notifications,
    means: 'expired leases of other processes were released, and not committed',
  },
  'webhook.verified': { apps: notifications, means: 'a webhook is genuine; nothing is written' },
  'webhook.recorded': { apps: notifications, means: 'its report is written and not committed' },
  'webhook.committed': { apps: notifications, means: 'it is committed; the provider was not answered' },
} as const satisfies Record<string, Failpoint>;

export type FailpointName = keyof typeof failpoints;

export function isFailpoint(name: string): name is FailpointName {
  return Object.hasOwn(failpoints, name);
}
