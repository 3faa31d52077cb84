import type { FeedState, ListFeedResponse } from '@bellhop/contracts/http';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '../../shared/api.js';
import { listen } from '../../shared/stream.js';
import { queries } from '../queries.js';

const KEY = ['feed'];
const SHOWN = 10;

/** What the bell shows. One tab in sight listens for all: browsers open six connections to a server, whatever the number of tabs. */
export function useFeed(isSignedIn: boolean) {
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call<ListFeedResponse>(`/api/notifications/feed?limit=${SHOWN}`, { signal }),
    enabled: isSignedIn,
  });
  useEffect(() => (isSignedIn ? listenForAll() : undefined), [isSignedIn]);
  const seeAll = useMutation({
    mutationFn: () => call<FeedState>('/api/notifications/feed/seen', { method: 'POST', body: { all: true } }),
    onSuccess: take,
  });
  return { feed: query.data, seeAll: () => seeAll.mutate() };
}

/** The number at once, the entries as soon as they are read again. */
function take(state: FeedState): void {
  const known = queries.getQueryData<ListFeedResponse>(KEY);
  if (known && state.rev <= known.rev) return;
  queries.setQueryData<ListFeedResponse>(KEY, (feed) => feed && { ...feed, ...state });
  void queries.invalidateQueries({ queryKey: KEY });
}

function listenForAll(): () => void {
  const others = new BroadcastChannel('bellhop-feed');
  others.onmessage = ({ data }) => take(data as FeedState);
  let release: (() => void) | null = null;

  const hold = () => {
    const abort = new AbortController();
    const ended = new Promise<void>((end) => {
      release = () => {
        abort.abort();
        end();
      };
    });
    const held = navigator.locks.request('bellhop-feed', { signal: abort.signal }, async () => {
      const stop = listen({
        url: '/api/notifications/feed/stream',
        event: 'feed',
        onHint: (state) => {
          take(state as FeedState);
          others.postMessage(state);
        },
        onLook: () => void queries.invalidateQueries({ queryKey: KEY }),
      });
      await ended;
      stop();
    });
    // Given up before it was this tab's turn.
    held.catch(() => undefined);
  };
  // A tab out of sight has no stream, and must not keep others from having one.
  const look = () => {
    if (document.visibilityState === 'visible') {
      if (!release) hold();
    } else {
      release?.();
      release = null;
    }
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    release?.();
    others.close();
  };
}
