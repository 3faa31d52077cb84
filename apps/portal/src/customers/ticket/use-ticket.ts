import type { TicketResponse } from '@bellhop/contracts/http';
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '../../shared/api.js';
import { readAgain, withEarlier } from '../../shared/conversation.js';
import { listen } from '../../shared/stream.js';
import { queries } from '../queries.js';

/** Should a hint be lost, so often the page looks by itself while it is in sight. */
const LOOK_EVERY_MS = 60_000;

const ticketQuery = (id: string) =>
  queryOptions({
    queryKey: ['ticket', id],
    queryFn: async ({ signal }) => {
      const fresh = await call<TicketResponse>(`/api/tickets/${id}`, { signal });
      return readAgain(queries.getQueryData<TicketResponse>(['ticket', id]), fresh);
    },
    refetchInterval: LOOK_EVERY_MS,
  });

export const look = (id: string) => queries.invalidateQueries({ queryKey: ['ticket', id] });

/** A ticket and its conversation, read again whenever it has changed. */
export function useTicket(id: string) {
  const query = useQuery(ticketQuery(id));
  const isReadable = query.data !== undefined;
  useEffect(() => {
    if (!isReadable) return;
    return listen({
      url: `/api/tickets/${id}/stream`,
      event: 'ticket',
      onHint: (hint) => {
        const known = queries.getQueryData<TicketResponse>(['ticket', id]);
        if ((hint as { version: number }).version > (known?.ticket.version ?? 0)) void look(id);
      },
      onLook: () => void look(id),
    });
  }, [id, isReadable]);
  return query;
}

/** Loads the messages before those that are known. */
export function useEarlier(id: string) {
  return useMutation({
    mutationFn: (before: string) => call<TicketResponse>(`/api/tickets/${id}?before=${encodeURIComponent(before)}`),
    onSuccess: (earlier) => {
      queries.setQueryData<TicketResponse>(['ticket', id], (known) => known && withEarlier(known, earlier));
    },
  });
}

/** Closes or reopens. */
export function useChange(id: string) {
  return useMutation({
    mutationFn: (change: 'closing' | 'reopening') => call(`/api/tickets/${id}/${change}`, { method: 'POST' }),
    onSettled: async () => {
      await Promise.all([look(id), queries.invalidateQueries({ queryKey: ['tickets'] })]);
    },
  });
}
