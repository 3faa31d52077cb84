/** What a provider reports of one delivery after it has taken it, whichever provider it is. */
export interface Report {
  readonly kind: ReportKind;
  /** What the provider calls the mail, as it did when it took it. */
  readonly emailId: string | null;
  /** The delivery that we named in a tag of the mail: known also when the provider's answer was lost. */
  readonly deliveryId: string | null;
  /** Which making of it, from the other tag. */
  readonly generation: number;
  /** Why, as a stable word for other systems. */
  readonly reason: string | null;
  /** Why, in the provider's words. It may quote an address. */
  readonly detail: string | null;
  /** Nothing should go to the address again. */
  readonly isFinal: boolean;
}

export type ReportKind = 'sent' | 'delivered' | 'delayed' | 'bounced' | 'complained' | 'failed' | 'suppressed';

/** Which sending of which webhook this is: one that is sent again keeps its id and gets a new timestamp. */
export interface WebhookStamp {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
}
