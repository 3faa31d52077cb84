import type { MuteView } from '@bellhop/contracts/http';
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { call } from '../../shared/api.js';
import { queries } from '../queries.js';

const PATH = '/api/notifications/mutes';

const mutesQuery = queryOptions({
  queryKey: ['mutes'],
  queryFn: ({ signal }) => call<{ items: MuteView[] }>(PATH, { signal }),
});

/** What somebody with an account wants to hear nothing of. */
export function useMutes(isAllowed = true) {
  return useQuery({ ...mutesQuery, enabled: isAllowed });
}

export interface MuteChange {
  readonly ticketId: string;
  readonly isMuted: boolean;
}

/** Mutes a ticket, or ends that. */
export function useMuteChange() {
  return useMutation({
    mutationFn: ({ ticketId, isMuted }: MuteChange) =>
      call(`${PATH}/${encodeURIComponent(ticketId)}`, { method: isMuted ? 'PUT' : 'DELETE' }),
    onSuccess: (_, change) => queries.setQueryData(mutesQuery.queryKey, (known) => known && changed(known, change)),
    onSettled: () => queries.invalidateQueries({ queryKey: mutesQuery.queryKey }),
  });
}

/** The list as it is after a change, until it is read again. */
function changed({ items }: { items: MuteView[] }, { ticketId, isMuted }: MuteChange): { items: MuteView[] } {
  const others = items.filter((mute) => mute.ticketId !== ticketId);
  const added = { ticketId, ticketNumber: null, mutedAt: new Date().toISOString() };
  return { items: isMuted ? [added, ...others] : others };
}
