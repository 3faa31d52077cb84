import type { BellhopEvent } from '@bellhop/contracts/events';
import { readEvent } from '@bellhop/contracts/events';
import { streams } from '@bellhop/contracts/streams';
import { type NatsLink, StreamReader } from '@bellhop/jetstream';
import type { RequestedErasure } from './insert-erasures.js';

const ASKED_AT_ONCE = 100;
/** Looks after which all of it is read again: a backup may have been restored under a running process. */
const LOOKS_PER_ROUND = 600;

/** The stream of all erasures that were ever asked for, read without a consumer, because it is read more than once. */
export class ErasureLog {
  private readonly reader: StreamReader;
  private readTo = 0;
  private looks = 0;

  constructor(link: NatsLink) {
    this.reader = new StreamReader(link, streams.ERASURES.name);
  }

  /** From the beginning, at the next look. */
  rewind(): void {
    this.readTo = 0;
    this.looks = 0;
  }

  /**
   * What came since the last look; from time to time all of it. What is returned is looked at as done.
   * @throws when NATS is away or has no such stream: it belongs to `notifications`, which may not be there
   */
  async news(): Promise<{ erasures: RequestedErasure[]; isWhole: boolean }> {
    const { first, last } = await this.reader.bounds();
    if (this.looks++ % LOOKS_PER_ROUND === 0 || last < this.readTo) this.readTo = 0;
    const isWhole = this.readTo === 0;
    const erasures: RequestedErasure[] = [];
    for (let from = Math.max(first, this.readTo + 1); from <= last; from += ASKED_AT_ONCE) {
      const sequences = Array.from({ length: Math.min(ASKED_AT_ONCE, last - from + 1) }, (_, index) => from + index);
      const messages = await Promise.all(sequences.map((sequence) => this.reader.get(sequence)));
      for (const message of messages) if (message) erasures.push(...erasureIn(message.data));
    }
    this.readTo = last;
    return { erasures, isWhole };
  }
}

/** Only `notifications` may write there; what it cannot have written is nothing. */
function erasureIn(data: Uint8Array): RequestedErasure[] {
  const event = parsed(data);
  if (event?.type !== 'erasure.requested.v1') return [];
  const { erasureId, person } = event.data;
  return [{ id: erasureId, personHash: person, requestedAt: new Date(event.time) }];
}

function parsed(data: Uint8Array): BellhopEvent | null {
  try {
    const reading = readEvent(JSON.parse(Buffer.from(data).toString()));
    return reading.ok ? reading.event : null;
  } catch {
    return null;
  }
}
