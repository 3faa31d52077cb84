import { type DeskHint, MAX_HINTED_TICKETS } from '@bellhop/contracts/http';
import { EventStreams, eventFrame, type Hint } from '@bellhop/event-streams';
import { Database } from '@bellhop/service';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { hasDeskChanged } from './has-desk-changed.js';

/** All agents see the same tickets, so their streams are about one thing. */
const DESK = 'desk';

/** Changes within this time are one hint, in milliseconds. */
const GATHER_MS = 250;

/**
 * How far a poll looks back: over the poll before, and half a minute more for changes that are committed late, or by a replica whose clock is
 * slow.
 */
const LOOK_BACK_SECONDS = 60;

/** The streams of agents. A hint names the tickets that have changed, or none when that can be any. */
@Injectable()
export class DeskStreams {
  private readonly log = new Logger(DeskStreams.name);
  private readonly streams = new EventStreams();
  /** Since the last hint; null: any. */
  private tickets: Set<string> | null = new Set();
  private timer: NodeJS.Timeout | undefined;
  private rev = 0;

  constructor(private readonly database: Database) {}

  /** Answers with a stream, the first hint of which is about everything. @param endsAt milliseconds since 1970 */
  open(agent: string, reply: FastifyReply, endsAt: number): void {
    this.streams.open(DESK, reply, endsAt, agent)?.send(this.hint(null));
  }

  changed(ticketIds: readonly string[]): void {
    if (!this.hasReaders) return;
    for (const id of ticketIds) this.tickets?.add(id);
    if (this.tickets && this.tickets.size > MAX_HINTED_TICKETS) this.tickets = null;
    this.timer ??= setTimeout(() => this.tell(), GATHER_MS).unref();
  }

  /** Has every page look again, because hints were lost. */
  changedSomehow(): void {
    if (!this.hasReaders) return;
    this.tickets = null;
    this.changed([]);
  }

  /** Does so if something has changed lately, of which hints may have been lost. Never rejects. */
  async poll(): Promise<void> {
    if (!this.hasReaders) return;
    try {
      if (await hasDeskChanged(await this.database.whenBackgroundReady(), LOOK_BACK_SECONDS)) this.changedSomehow();
    } catch (error) {
      this.log.warn({ message: 'the desk was not read: pages may learn of some changes half a minute later', error });
    }
  }

  close(): Promise<void> {
    return this.streams.close();
  }

  private get hasReaders(): boolean {
    return this.streams.revOf(DESK) !== null;
  }

  private tell(): void {
    const { tickets } = this;
    this.tickets = new Set();
    this.timer = undefined;
    this.streams.send(DESK, this.hint(tickets));
  }

  /** Not comparable with those of other replicas: there is no revision of all tickets that not all changes would have to wait for. */
  private hint(tickets: ReadonlySet<string> | null): Hint {
    this.rev = Math.max(this.rev + 1, Date.now());
    const { rev } = this;
    const any: DeskHint = { rev };
    const some: DeskHint = tickets ? { rev, tickets: [...tickets] } : any;
    return { rev, frame: eventFrame('desk', rev, some), whole: eventFrame('desk', rev, any) };
  }
}
