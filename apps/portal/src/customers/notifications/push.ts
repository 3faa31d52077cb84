import type { PushKeyResponse } from '@bellhop/contracts/http';
import { call } from '../../shared/api.js';

/** Whether this browser can be pushed to. `home_screen`: an iPhone can, once the page is on its home screen. */
export type PushState = 'on' | 'off' | 'denied' | 'home_screen' | 'unsupported';

/** Set when somebody switches push on here, so that a browser which lost its subscription gets it back, and no other does. */
const WANTED = 'bellhop.push';
const WORKER = '/sw.js';

export function pushState(): PushState {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) {
    return /iPhone|iPad/.test(navigator.userAgent) ? 'home_screen' : 'unsupported';
  }
  if (Notification.permission === 'denied') return 'denied';
  return Notification.permission === 'granted' && localStorage.getItem(WANTED) ? 'on' : 'off';
}

/** To be called by a press only: browsers ask the person then, and remember a "no" for ever. @returns false where the answer was no */
export async function switchPushOn(): Promise<boolean> {
  if ((await Notification.requestPermission()) !== 'granted') return false;
  localStorage.setItem(WANTED, '1');
  await confirmPush();
  return true;
}

export async function switchPushOff(): Promise<void> {
  localStorage.removeItem(WANTED);
  await call('/api/notifications/push-subscriptions', { method: 'DELETE' });
  await (await subscription())?.unsubscribe();
}

/** On each visit: subscribes again what was lost or has another key, and tells the service that this browser is alive. */
export async function confirmPush(): Promise<void> {
  if (pushState() !== 'on') return;
  const registration = await navigator.serviceWorker.register(WORKER);
  await navigator.serviceWorker.ready;
  const { key } = await call<PushKeyResponse>('/api/notifications/push-key');
  const known = await registration.pushManager.getSubscription();
  const isCurrent = known !== null && keyOf(known) === key;
  if (known && !isCurrent) await known.unsubscribe();
  const current = isCurrent
    ? known
    : await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const body = { ...current.toJSON(), applicationServerKey: key };
  await call('/api/notifications/push-subscriptions', { method: 'POST', body });
}

/** What was shown of a ticket is gone when its page has been read. */
export async function closeNotifications(ticketId: string): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const notification of (await registration?.getNotifications()) ?? []) {
    if (notification.data?.ticket === ticketId) notification.close();
  }
}

async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker?.getRegistration();
  return (await registration?.pushManager?.getSubscription()) ?? null;
}

/** In base64url, as the service writes it. */
function keyOf({ options }: PushSubscription): string {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
