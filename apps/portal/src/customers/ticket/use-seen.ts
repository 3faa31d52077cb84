import { useEffect, useRef } from 'react';
import { ApiProblem, call } from '../../shared/api.js';
import { closeNotifications } from '../notifications/push.js';
import { queries } from '../queries.js';

const IN_SIGHT_MS = 2_000;
const TOUCHED_WITHIN_MS = 60_000;
const AGAIN_AFTER_MS = 30_000;

/**
 * Tells the service which version somebody has read: it was in sight for two seconds, in a page that is looked at. Whatever comes later
 * stays unread. An open page that nobody looks at tells nothing, or a phone would stay silent for ever.
 */
export function useSeen(ticketId: string, version: number): void {
  const told = useRef(0);
  /** After a failure: not before this. */
  const againAt = useRef(0);
  const touchedAt = useRef(performance.now());

  useEffect(() => {
    const touched = () => {
      touchedAt.current = performance.now();
    };
    for (const name of ['pointerdown', 'keydown', 'scroll', 'focus'])
      window.addEventListener(name, touched, { passive: true });
    return () => {
      for (const name of ['pointerdown', 'keydown', 'scroll', 'focus']) window.removeEventListener(name, touched);
    };
  }, []);

  useEffect(() => {
    if (version <= told.current) return;
    let since: number | null = null;
    const tell = () => {
      if (version <= told.current || performance.now() < againAt.current) return;
      told.current = version;
      call(`/api/tickets/${ticketId}/seen`, { method: 'PUT', body: { version }, keepalive: true })
        .then(() => Promise.all([queries.invalidateQueries({ queryKey: ['tickets'] }), closeNotifications(ticketId)]))
        .catch((error) => {
          told.current = 0;
          const isPassing = error instanceof ApiProblem && error.isPassing;
          againAt.current = isPassing ? performance.now() + AGAIN_AFTER_MS : Number.POSITIVE_INFINITY;
        });
    };
    const timer = setInterval(() => {
      const isLookedAt =
        document.visibilityState === 'visible' &&
        (document.hasFocus() || performance.now() - touchedAt.current < TOUCHED_WITHIN_MS);
      if (!isLookedAt) since = null;
      else since ??= performance.now();
      if (since !== null && performance.now() - since >= IN_SIGHT_MS) tell();
    }, 500);
    return () => clearInterval(timer);
  }, [ticketId, version]);
}
