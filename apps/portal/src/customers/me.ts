import type { MeResponse } from '@bellhop/contracts/http';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '../shared/api.js';

const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => call<MeResponse>('/api/me', { signal }),
  staleTime: 60_000,
  // A session that is used lasts longer than was said before.
  refetchInterval: 60_000,
});

/**
 * Whose proven address a guest's pages are shown for, masked, and until when. Only where something was read already that proves a session:
 * no script can see its cookie, and asking without one is an error in the browser's log.
 */
export function useGuest(isProven: boolean): { address: string; expiresAt: string } | null {
  const { data } = useQuery({ ...meQuery, enabled: isProven });
  return data?.kind === 'guest' ? data : null;
}
