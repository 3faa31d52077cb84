/** What one person can be told of over one channel: one ticket. */
export interface TellingKey {
  readonly recipientKey: string;
  readonly system: string;
  readonly ticketId: string;
}

/** For maps in memory. No part can hold a space. */
export function tellingKey(key: TellingKey): string {
  return `${key.recipientKey} ${key.system} ${key.ticketId}`;
}
