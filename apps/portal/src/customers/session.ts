import type { SessionPerson, SessionResponse } from '@bellhop/contracts/http';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '../shared/api.js';
import { clearDrafts } from '../shared/drafts.js';
import { announceSignOut, whenSignedOut } from '../shared/signed-out.js';
import { queries } from './queries.js';

const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => call<SessionResponse>('/auth/session', { signal }),
  staleTime: 60_000,
});

/** Undefined while it is not known; null: nobody is signed in, though a guest's session may be open. */
export function usePerson(): SessionPerson | null | undefined {
  const { data, isError } = useQuery(sessionQuery);
  return isError ? null : data?.person;
}

/** Where a person signs in, and comes back to this page. */
export function signInUrl(returnTo = location.pathname + location.search): string {
  return `/auth/sign-in?return_to=${encodeURIComponent(returnTo)}`;
}

/** The same for somebody who is signed in, where a service asks for a recent sign-in (`sign_in_too_old`). */
export function freshSignInUrl(returnTo: string): string {
  return `${signInUrl(returnTo)}&fresh=1`;
}

/** This tab is on its way to the provider's end of the session. */
let isLeaving = false;

/** What other tabs do: what they show was somebody else's. */
export function followSignOut(): void {
  whenSignedOut(() => {
    if (!isLeaving) location.reload();
  });
}

/** Push, notifications and drafts of this browser first: whoever uses it next must see none of them. */
export async function signOut(): Promise<void> {
  await Promise.allSettled([forgetPush(), call('/api/guest/session', { method: 'DELETE' })]);
  clearDrafts(localStorage);
  const { redirect } = await call<{ redirect: string }>('/auth/sign-out', { method: 'POST' });
  isLeaving = true;
  announceSignOut();
  queries.clear();
  location.assign(redirect);
}

/** Ends the session of a guest in this browser, with all that was written in it. */
export async function endGuestSession(): Promise<void> {
  await call('/api/guest/session', { method: 'DELETE' });
  clearDrafts(localStorage);
  isLeaving = true;
  announceSignOut();
  queries.clear();
  location.assign('/help');
}

async function forgetPush(): Promise<void> {
  localStorage.removeItem('bellhop.push');
  await call('/api/notifications/push-subscriptions', { method: 'DELETE' });
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager?.getSubscription())?.unsubscribe();
  for (const notification of (await registration?.getNotifications()) ?? []) notification.close();
}
