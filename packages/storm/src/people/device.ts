import type { PushSubscriptionKeys } from '@bellhop/local-stack';

/** A browser in which somebody has switched push on. Times in milliseconds since 1970. */
export class Device {
  /** Its id in our API, once the registration is acknowledged. */
  id: string | undefined;
  endedFrom: number | null = null;
  endedBy: number | null = null;

  constructor(
    readonly person: string,
    readonly keys: PushSubscriptionKeys,
  ) {}

  get isOn(): boolean {
    return this.id !== undefined && this.endedFrom === null;
  }
}
