/**
 * Frames of a `text/event-stream` (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream), written once
 * for all streams that get them.
 */

/** News without content: the reader looks for itself, or takes `data` as the whole state. */
export interface Hint {
  /** Grows with each change of what the stream is about. A reader ignores what is older than what it has. */
  readonly rev: number;
  /** As {@link eventFrame} makes it. */
  readonly frame: string;
  /** In place of `frame`, for a reader that was too slow for the hint before. Default: `frame`, which has the whole state then. */
  readonly whole?: string;
}

/** A comment: it keeps proxies from closing a quiet connection, and tells the reader that the connection lives. */
export const HEARTBEAT = ':\n\n';

/** Instead of the first hint, to a reader that has it already. */
export const NOTHING_NEW = ': nothing new\n\n';

/** How long a browser waits before it connects again, in milliseconds. */
export function retryFrame(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/**
 * @param event one word
 * @param data an object that JSON can hold: it has no line breaks then
 */
export function eventFrame(event: string, rev: number, data: object): string {
  return `event: ${event}\nid: ${rev}\ndata: ${JSON.stringify(data)}\n\n`;
}
