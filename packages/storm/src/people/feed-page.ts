import { get, type IncomingMessage } from 'node:http';
import type { FeedState } from '@bellhop/contracts/http';

/** Sooner than a browser, so that pages are open most of the time. */
const RECONNECT_MS = { least: 200, spread: 800 };
/** Longer than two heartbeats. */
const SILENCE_MS = 45_000;
const FRAME = /^event: feed\nid: \d+\ndata: (.*)$/;

/** A page of the pages that shows the number on the bell. It stays open, on one replica after the other. */
export class FeedPage {
  /** Undefined before the first hint. */
  last: FeedState | undefined;
  /** It was told of an older state than it knew. */
  hasGoneBack = false;
  private tries = 0;
  private isClosed = false;
  private end: () => void = () => undefined;

  /** @param urls of the replicas @param token for all the time that it is open */
  constructor(
    private readonly urls: readonly string[],
    private readonly token: string,
  ) {}

  open(): void {
    if (this.isClosed) return;
    const url = this.urls[this.tries++ % this.urls.length];
    const headers = { authorization: `Bearer ${this.token}` };
    const request = get(`${url}/notifications/feed/stream`, { headers, agent: false, timeout: SILENCE_MS });
    const again = () => setTimeout(() => this.open(), RECONNECT_MS.least + RECONNECT_MS.spread * Math.random()).unref();
    request
      .on('response', (response) => this.read(response))
      .on('timeout', () => request.destroy())
      .on('error', () => undefined)
      .once('close', again);
    this.end = () => request.off('close', again).destroy();
  }

  close(): void {
    this.isClosed = true;
    this.end();
  }

  private read(response: IncomingMessage): void {
    let rest = '';
    response.setEncoding('utf8').on('error', () => undefined);
    response.on('data', (text: string) => {
      const frames = (rest + text).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const data = FRAME.exec(frame)?.[1];
        if (data !== undefined) this.see(JSON.parse(data) as FeedState);
      }
    });
  }

  private see(state: FeedState): void {
    if (this.last && state.rev < this.last.rev) this.hasGoneBack = true;
    this.last = state;
  }
}
