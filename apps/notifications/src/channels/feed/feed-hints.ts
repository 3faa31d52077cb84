import { FEED_HINTS_SUBJECT, type FeedHintsMessage, feedHints } from '@bellhop/contracts/streams';
import { EventStreams, eventFrame, Looks } from '@bellhop/event-streams';
import { Shutdown } from '@bellhop/http';
import { Broadcast, NatsLink } from '@bellhop/jetstream';
import { Database } from '@bellhop/service';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { FeedChange } from './feed-change.js';
import { loadStates } from './load-states.js';

/** How often all feeds that somebody looks at are compared with the database: it heals what NATS has lost. */
const POLL_MS = 30_000;

/**
 * Tells open pages that a feed has changed, on whichever replica they are. Hints go out after the commit and may be lost; none of them
 * has content. What a page is told comes from the database, read once for all pages that have to be told.
 */
@Injectable()
export class FeedHints implements OnApplicationBootstrap {
  private readonly log = new Logger(FeedHints.name);
  private readonly streams = new EventStreams();
  private readonly broadcast: Broadcast<FeedHintsMessage>;
  private readonly looks = new Looks(
    (people) => this.tell(people),
    (error) => this.log.warn({ message: 'feeds not read: pages are told within half a minute', error }),
  );

  constructor(
    private readonly database: Database,
    link: NatsLink,
    private readonly shutdown: Shutdown,
  ) {
    this.broadcast = new Broadcast({
      link,
      subject: FEED_HINTS_SUBJECT,
      parse: (message) => feedHints.parse(message),
      onMessage: ({ people }) => this.look(people),
      onConnect: () => this.lookAtAll(),
      log: this.log,
    });
  }

  onApplicationBootstrap(): void {
    this.broadcast.start();
    const timer = setInterval(() => this.poll(), POLL_MS).unref();
    this.shutdown.add('streams', 'feed streams', () => {
      this.broadcast.stop();
      clearInterval(timer);
      return this.streams.close();
    });
  }

  /** Call it after the commit. */
  announce(changes: readonly FeedChange[]): void {
    if (changes.length === 0) return;
    const people = changes.map(({ person, rev }): [string, number] => [person, rev]);
    // NATS brings it back to this replica, too.
    if (!this.broadcast.say({ people })) this.look(people);
  }

  /** Answers with a stream of one person's hints, the first of which is how the feed stands now. @param endsAt milliseconds since 1970 */
  open(person: string, reply: FastifyReply, endsAt: number): void {
    if (this.streams.open(person, reply, endsAt)) this.look([[person, 0]]);
  }

  /** Compares all feeds that somebody looks at with the database, by one statement. */
  lookAtAll(): void {
    this.looks.add(this.streams.keys);
  }

  private poll(): void {
    this.broadcast.renew();
    this.lookAtAll();
  }

  private look(people: FeedHintsMessage['people']): void {
    const behind = people.filter(([person, rev]) => (this.streams.revOf(person) ?? rev) < rev);
    this.looks.add(behind.map(([person]) => person));
  }

  private async tell(people: readonly string[]): Promise<void> {
    const readers = people.flatMap((person) => {
      const rev = this.streams.revOf(person);
      return rev === null ? [] : [{ person, rev }];
    });
    if (readers.length === 0) return;
    for (const { person, unread, rev } of await loadStates(await this.database.whenBackgroundReady(), readers)) {
      this.streams.send(person, { rev, frame: eventFrame('feed', rev, { unread, rev }) });
    }
  }
}
