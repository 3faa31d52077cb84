import type { ServerResponse } from 'node:http';
import { HEARTBEAT, type Hint, NOTHING_NEW } from './frames.js';

/** Before the first hint. */
const NONE = -1;

export interface StreamOptions {
  /** When the right to read ends, in milliseconds since 1970. */
  readonly endsAt: number;
  /** The hint that the reader has had already. */
  readonly lastEventId?: number | undefined;
  /** Called once: nothing can be written any more. */
  readonly onEnd: () => void;
  /** Called once, after {@link onEnd}: the connection has let go of it. */
  readonly onClose: () => void;
}

/** How long a stream may be quiet, and how long it may be stuck, in milliseconds. */
export interface StreamLimits {
  readonly heartbeatMs: number;
  readonly undrainedMs: number;
}

/** One response that stays open. At most one hint waits for a reader that does not read: the newest, with the whole state. */
export class EventStream {
  /** Of the newest hint that was written or waits. */
  private newest = NONE;
  private waiting: string | null = null;
  private writtenAt = performance.now();
  /** Since when the connection takes nothing more. */
  private stuckSince: number | null = null;
  private isEnding = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly options: StreamOptions,
  ) {
    response.on('drain', this.drained).on('close', this.closed).on('error', this.closed);
  }

  /** `rev` of the newest hint that was handed over; -1 before the first. */
  get rev(): number {
    return this.newest;
  }

  /** Writes the hint, or keeps it until the reader has taken what is before it. Older ones than it has had are dropped. */
  send({ rev, frame, whole = frame }: Hint): void {
    if (this.isEnding || rev <= this.newest) return;
    const isKnown = this.newest === NONE && rev === this.options.lastEventId;
    this.newest = rev;
    if (isKnown) this.offer(NOTHING_NEW);
    else this.offer(this.waiting === null ? frame : whole);
  }

  /** Ends what has lost its right or is stuck, and keeps a quiet stream alive. To be called every second or so. */
  tick({ heartbeatMs, undrainedMs }: StreamLimits): void {
    const now = performance.now();
    if (Date.now() >= this.options.endsAt) this.end();
    if (this.stuckSince === null) {
      if (now - this.writtenAt >= heartbeatMs) this.write(HEARTBEAT);
    } else if (now - this.stuckSince >= undrainedMs) this.destroy();
  }

  /** Lets the reader have what was written, then closes. It connects again by itself. @param last one more frame */
  end(last?: string): void {
    if (this.isEnding) return;
    this.isEnding = true;
    // From here on it may only be as slow as one that is stuck.
    this.stuckSince ??= performance.now();
    this.options.onEnd();
    this.response.end(last);
  }

  destroy(): void {
    this.response.destroy();
  }

  /** Any frame. */
  offer(frame: string): void {
    if (this.stuckSince === null) this.write(frame);
    else this.waiting = frame;
  }

  private write(frame: string): void {
    this.writtenAt = performance.now();
    if (!this.response.write(frame)) this.stuckSince = this.writtenAt;
  }

  private readonly drained = (): void => {
    if (this.isEnding) return;
    this.stuckSince = null;
    const frame = this.waiting;
    this.waiting = null;
    if (frame !== null) this.write(frame);
  };

  /** At once, not with the next hint: by then nobody might come to look. */
  private readonly closed = (): void => {
    const { response, drained, closed, options } = this;
    response.off('drain', drained).off('close', closed).off('error', closed);
    if (!this.isEnding) options.onEnd();
    this.isEnding = true;
    options.onClose();
  };
}
