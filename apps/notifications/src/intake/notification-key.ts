import type { ChannelName } from '../planning/plan.js';

/** What one person can be notified of over one channel: one ticket. A digest is pending, and a watermark kept, for each. */
export interface NotificationKey {
  readonly channel: ChannelName;
  readonly recipientKey: string;
  readonly system: string;
  readonly ticketId: string;
}

/** For maps in memory, and the order in which writers lock rows. No part can hold a space. */
export function notificationKey({ recipientKey, system, ticketId, channel }: NotificationKey): string {
  return `${recipientKey} ${system} ${ticketId} ${channel}`;
}
