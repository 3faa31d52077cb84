/** A report of any provider about one delivery that it has accepted. */
export interface Report {
  readonly kind: ReportKind;
  /** The provider's id of the mail, the same as in its answer. */
  readonly emailId: string | null;
  /** The delivery in a tag of the mail: known even if the provider's answer was lost. */
  readonly deliveryId: string | null;
  /** Its generation, from the other tag. */
  readonly generation: number;
  /** Why, as a stable code for other systems. */
  readonly reason: string | null;
  /** Why, in the provider's words. It may quote an address. */
  readonly detail: string | null;
  /** The endpoint should be suppressed. */
  readonly isFinal: boolean;
}

export type ReportKind = 'sent' | 'delivered' | 'delayed' | 'bounced' | 'complained' | 'failed' | 'suppressed';

/** Identifies one transmission of a webhook: when it is sent again it keeps its id and gets a new timestamp. */
export interface WebhookStamp {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
}
