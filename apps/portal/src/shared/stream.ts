import { whenSignedOut } from './signed-out.js';

/** What a page knows of its event stream. */
export interface StreamState {
  /** The page is in sight and the device is online. */
  readonly isWanted: boolean;
  readonly link: 'off' | 'open' | 'waiting';
  /** Tries in a row that failed. */
  readonly failures: number;
}

export type StreamEvent = 'wanted' | 'unwanted' | 'opened' | 'lost' | 'due';

/** `look`: read anew what the stream tells of. */
export type StreamEffect = { do: 'connect' } | { do: 'close' } | { do: 'look' } | { do: 'wait'; ms: number };

export const OFF: StreamState = { isWanted: false, link: 'off', failures: 0 };

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * The way of an event stream. It is open only while the page is in sight. Whoever comes back looks first and listens then: a stream
 * tells what changes, not what has changed meanwhile. @param random 0 to 1: keeps many pages from coming back at once
 */
export function afterStreamEvent(
  state: StreamState,
  event: StreamEvent,
  random: number,
): [StreamState, StreamEffect[]] {
  switch (event) {
    case 'wanted':
      if (state.isWanted) return [state, []];
      return [{ isWanted: true, link: 'open', failures: 0 }, [{ do: 'look' }, { do: 'connect' }]];
    case 'unwanted':
      return [OFF, state.link === 'off' ? [] : [{ do: 'close' }]];
    case 'opened':
      return [state.link === 'open' ? { ...state, failures: 0 } : state, []];
    case 'lost': {
      if (state.link !== 'open') return [state, []];
      const longest = Math.min(FIRST_WAIT_MS * 2 ** state.failures, LONGEST_WAIT_MS);
      const ms = Math.round(longest * (0.5 + random / 2));
      return [{ ...state, link: 'waiting', failures: state.failures + 1 }, [{ do: 'close' }, { do: 'wait', ms }]];
    }
    case 'due':
      if (state.link !== 'waiting') return [state, []];
      return [{ ...state, link: 'open' }, [{ do: 'look' }, { do: 'connect' }]];
  }
}

export interface Listening {
  url: string;
  /** Name of the events. */
  event: string;
  /** With what an event carries. */
  onHint(hint: unknown): void;
  /** Something may have changed while nobody listened. */
  onLook(): void;
}

/**
 * Listens while the page is in sight, until somebody signs out in any tab. An `EventSource` gives up for good when the answer is not 200,
 * such as the 503 of a service that restarts: so each one lives until its first error, and the next one is ours. @returns ends it
 */
export function listen({ url, event, onHint, onLook }: Listening): () => void {
  let state = OFF;
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const close = () => {
    source?.close();
    source = null;
    clearTimeout(timer);
  };
  const connect = () => {
    source = new EventSource(url);
    source.onopen = () => tell('opened');
    // The status is hidden from us; whoever looks now learns whether they may.
    source.onerror = () => tell('lost');
    source.addEventListener(event, ({ data }) => onHint(JSON.parse(data)));
  };
  const tell = (happened: StreamEvent) => {
    const [next, effects] = afterStreamEvent(state, happened, Math.random());
    state = next;
    for (const effect of effects) {
      if (effect.do === 'connect') connect();
      else if (effect.do === 'close') close();
      else if (effect.do === 'look') onLook();
      else if (effect.do === 'wait') timer = setTimeout(() => tell('due'), effect.ms);
    }
  };

  const look = () => tell(document.visibilityState === 'visible' && navigator.onLine ? 'wanted' : 'unwanted');
  const unwanted = () => tell('unwanted');
  document.addEventListener('visibilitychange', look);
  for (const name of ['online', 'offline', 'pageshow']) window.addEventListener(name, look);
  window.addEventListener('pagehide', unwanted);
  look();
  const stop = () => {
    forget();
    document.removeEventListener('visibilitychange', look);
    for (const name of ['online', 'offline', 'pageshow']) window.removeEventListener(name, look);
    window.removeEventListener('pagehide', unwanted);
    unwanted();
  };
  const forget = whenSignedOut(stop);
  return stop;
}
