import type { FeedSeenRequest, FeedState, ListFeedResponse } from '@bellhop/contracts/http';
import { Database } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { FeedChange } from './feed-change.js';
import { FeedHints } from './feed-hints.js';
import { insertEntries, type NewEntry } from './insert-entries.js';
import { loadEntries } from './load-entries.js';
import { loadStates } from './load-states.js';
import { lockFeeds } from './lock-feeds.js';
import { ALL_ENTRIES, markEntriesSeen } from './mark-entries-seen.js';
import { markTicketsSeen, type SeenVersion } from './mark-tickets-seen.js';

/** The feeds of people with an account. Every change raises the revision of its feed, and is followed by a hint to whoever looks at it. */
@Injectable()
export class FeedService {
  constructor(
    private readonly database: Database,
    private readonly hints: FeedHints,
  ) {}

  /** Resolves when the entries are committed, or were before. */
  async add(entries: readonly NewEntry[]): Promise<void> {
    const dataSource = await this.database.whenBackgroundReady();
    const changes = await dataSource.transaction(async (manager) => {
      await lockFeeds(
        manager,
        entries.map(({ person }) => person),
      );
      const changed = await insertEntries(manager, entries);
      // failpoint: feed.written
      return changed;
    });
    // failpoint: feed.committed
    this.hints.announce(changes);
  }

  async list(person: string, page: { limit: number; cursor?: string | undefined }): Promise<ListFeedResponse> {
    const dataSource = await this.database.whenReady();
    // Before the entries: one that arrives in between has a larger revision, which makes its reader look again.
    const state = await this.stateOf(person);
    return { ...(await loadEntries(dataSource, person, page)), ...state };
  }

  async markSeen(person: string, { upTo = ALL_ENTRIES }: FeedSeenRequest): Promise<FeedState> {
    const dataSource = await this.database.whenReady();
    const { hasChanged, ...state } = await dataSource.transaction(async (manager) => {
      await lockFeeds(manager, [person]);
      return markEntriesSeen(manager, person, upTo);
    });
    if (hasChanged) this.hints.announce([{ person, rev: state.rev }]);
    return state;
  }

  /**
   * Marks what was seen on the pages of tickets, in somebody else's transaction.
   * @returns what to call after the commit
   */
  async markTickets(manager: EntityManager, seen: readonly SeenVersion[]): Promise<() => void> {
    await lockFeeds(
      manager,
      seen.map(({ person }) => person),
    );
    const changes: FeedChange[] = await markTicketsSeen(manager, seen);
    return () => this.hints.announce(changes);
  }

  private async stateOf(person: string): Promise<FeedState> {
    const [state] = await loadStates(await this.database.whenReady(), [{ person, rev: -1 }]);
    return { unread: state?.unread ?? 0, rev: state?.rev ?? 0 };
  }
}
