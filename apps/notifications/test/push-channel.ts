import type { MessagePreview } from '@bellhop/contracts/http';
import type { Channel, ChannelRequest, Content, Outcome, Provider } from '../src/channels/channel.js';
import type { Recipient } from '../src/planning/recipients.js';

const MINUTE_MS = 60_000;

/**
 * A second channel for tests: it shows what a folder beside `channels/email` needs. Its provider is this process: it accepts
 * everything, keeps it, and misbehaves on request.
 */
export class PushChannel implements Channel, Provider {
  readonly name = 'push';
  readonly settings = [];
  readonly noEndpoint = 'no_endpoint';
  readonly providers = [this];
  readonly format = 'test';
  readonly maxBatch = 5;
  readonly maxInFlight = 4;
  readonly idempotent = true;
  readonly keyedBy = 'batch';
  readonly digestWindow = { quietMs: 0, maxWaitMs: 0 };
  readonly retrySchedule = [10, 20];
  readonly ceilings = {
    perTicket: { count: 3, windowMs: MINUTE_MS },
    perPerson: { count: 100, windowMs: MINUTE_MS },
    team: { count: 100, windowMs: MINUTE_MS },
  };
  /** What was sent, oldest first. */
  readonly sent: Content[] = [];
  /** The outcome of each delivery from now on. */
  answer: (content: Content) => Outcome | 'silence' = () => ({ kind: 'accepted', ref: 'taken' });
  private readonly unanswered = new Set<(outcome: Outcome) => void>();

  provider(): Provider {
    return this;
  }

  /** Accounts of requesters have devices; guests and teams have none. */
  endpointOf({ kind, role, key }: Recipient): string | null {
    return role === 'requester' && kind === 'user' ? key : null;
  }

  suppressionKeyOf(endpoint: string): string {
    return endpoint;
  }

  identityOf(): null {
    return null;
  }

  ceilingKeyOf(endpoint: string): string {
    return endpoint;
  }

  compose(content: Content): Buffer {
    return Buffer.from(JSON.stringify(content));
  }

  preview({ count, firstAt, ticketNumber }: Content): MessagePreview {
    return { kind: 'push', urgency: 'normal', expiresAt: firstAt.toISOString(), payload: { count, ticketNumber } };
  }

  send(batch: readonly ChannelRequest[]): Promise<Outcome[]> {
    return Promise.all(
      batch.map(({ bytes }) => {
        const content = JSON.parse(bytes.toString()) as Content;
        this.sent.push(content);
        const answer = this.answer(content);
        return answer === 'silence' ? new Promise<Outcome>((resolve) => this.unanswered.add(resolve)) : answer;
      }),
    );
  }

  async close(): Promise<void> {
    for (const end of this.unanswered) end({ kind: 'unknown', cause: 'closed' });
  }
}
