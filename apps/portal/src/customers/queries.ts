import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from '../shared/api.js';

const TRIES = 2;

/** What was read, for all pages. Read again when the window is looked at, and when the network is back. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one; a service that is away for a moment comes back.
      retry: (failures, error) =>
        failures < TRIES && error instanceof ApiProblem && error.isPassing && error.status !== 429,
      refetchOnWindowFocus: true,
      refetchOnReconnect: true,
      // Without a network the request fails at once and the page can say so.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
