import { AfterCommit } from '@bellhop/postgres';

/** That a ticket has changed, for open pages that show it. */
export interface TicketChange {
  readonly id: string;
  /** Of the ticket after the change; 0 where only the desk sees a difference. */
  readonly version: number;
}

/** What each transaction has changed: open pages are told after its commit (`hints/ticket-hints.ts`). */
export const ticketChanges = new AfterCommit<TicketChange>();
