import type { ChannelName } from '../planning/plan.js';

/** One person, one ticket, one channel. There is at most one pending digest, and one watermark, for each. */
export interface NotificationKey {
  readonly channel: ChannelName;
  readonly recipientKey: string;
  readonly system: string;
  readonly ticketId: string;
}

/** A key for maps in memory, and the order in which writers lock rows. No part contains a space. */
export function notificationKey({ recipientKey, system, ticketId, channel }: NotificationKey): string {
  return `${recipientKey} ${system} ${ticketId} ${channel}`;
}
