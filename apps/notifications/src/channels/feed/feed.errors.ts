/** What cannot go into a feed. The message says what to do. */
export class FeedError extends Error {
  override readonly name = 'FeedError';

  constructor(
    readonly code: 'no_entry',
    message: string,
  ) {
    super(message);
  }
}
