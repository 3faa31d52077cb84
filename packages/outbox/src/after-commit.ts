import { AfterCommit } from '@bellhop/postgres';

/** How many events open transactions have appended: once one has committed, the relay of this process reads the outbox without waiting for its poll. */
export const appended = new AfterCommit<number>();
