import type { MessageView, TicketResponse } from '@bellhop/contracts/http';
import { useCallback, useEffect, useReducer, useRef } from 'react';
import { call } from '../../shared/api.js';
import { afterSending, interrupted, notArrived, type Pending } from '../../shared/outbox.js';
import { codeOf } from '../../shared/problem-words.js';
import { queries } from '../queries.js';
import { look } from './use-ticket.js';

/** Answers that are on their way. They survive a reload: a second try with the same key has no second effect. */
export function useOutbox(person: string, ticketId: string, messages: readonly MessageView[]) {
  const storageKey = `bellhop.outbox:${encodeURIComponent(person)}:${ticketId}`;
  const [outbox, tell] = useReducer(afterSending, storageKey, kept);
  const waiting = notArrived(outbox, messages);
  const underWay = useRef(new Set<string>());

  useEffect(() => keep(storageKey, waiting), [storageKey, waiting]);

  const post = useCallback(
    async ({ key, body, files }: Pick<Pending, 'key' | 'body' | 'files'>) => {
      if (underWay.current.has(key)) return;
      underWay.current.add(key);
      try {
        const content = { body, attachmentIds: files.map(({ id }) => id) };
        const path = `/api/tickets/${ticketId}/messages`;
        const message = await call<MessageView>(path, { method: 'POST', body: content, idempotencyKey: key });
        tell({ type: 'taken', key, messageId: message.id });
        show(ticketId, message);
      } catch (error) {
        tell({ type: 'failed', key, reason: codeOf(error) });
      } finally {
        underWay.current.delete(key);
        // Whatever was answered: the conversation knows whether it was taken.
        void look(ticketId);
      }
    },
    [ticketId],
  );

  return {
    waiting,
    send: (text: Pick<Pending, 'key' | 'body' | 'files'>) => {
      const before = messages.map(({ id }) => id);
      tell({ type: 'send', pending: { ...text, at: Date.now(), before } });
      void post(text);
    },
    again: (pending: Pending) => {
      tell({ type: 'again', key: pending.key });
      void post(pending);
    },
    drop: (key: string) => tell({ type: 'dropped', key }),
  };
}

function keep(storageKey: string, waiting: readonly Pending[]): void {
  const unsettled = waiting.filter(({ state }) => state !== 'sent');
  try {
    if (unsettled.length > 0) localStorage.setItem(storageKey, JSON.stringify(unsettled));
    else localStorage.removeItem(storageKey);
  } catch {
    // The page still has them.
  }
}

function kept(storageKey: string): readonly Pending[] {
  try {
    return interrupted(JSON.parse(localStorage.getItem(storageKey) ?? '[]'));
  } catch {
    return [];
  }
}

/** At once, not only when the conversation has been read again. */
function show(ticketId: string, message: MessageView): void {
  queries.setQueryData<TicketResponse>(['ticket', ticketId], (known) => {
    if (!known || known.messages.some(({ id }) => id === message.id)) return known;
    return { ...known, messages: [...known.messages, message] };
  });
}
