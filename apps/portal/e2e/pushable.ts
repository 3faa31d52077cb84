import { waitFor } from '@bellhop/local-stack';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import type { Stage } from './in-browser.js';

interface Keys {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** A browser whose push service is the local one, in place of its vendor's: that one keeps its keys, and DevTools hand over what it got. */
export interface Pushable {
  readonly context: BrowserContext;
  /** Waits for the newest push after those that came already, and has the worker of `page` get it. @returns its text */
  deliver(page: Page): Promise<string>;
  /** What the browser shows now. */
  shown(page: Page): Promise<{ title: string; body: string; url: string }[]>;
}

export async function pushable(stage: Stage): Promise<Pushable> {
  const { portal, push } = stage.bellhop;
  const context = await stage.context();
  await context.grantPermissions(['notifications'], { origin: portal });
  let subscription: (Keys & { vapidKey: string }) | null = null;
  await context.exposeFunction('localPushSubscription', async (vapidKey?: string | null) => {
    if (vapidKey === null) subscription = null;
    if (!vapidKey) return subscription;
    const init = { method: 'POST', body: JSON.stringify({ vapidKey }) };
    const keys = (await (await fetch(`${push}/subscriptions`, init)).json()) as Keys;
    subscription = { ...keys, vapidKey };
    return subscription;
  });
  await context.addInitScript(usePushService);
  const devtools = new Map<Page, Promise<Worker>>();
  const delivered = new Set<string>();

  return {
    context,
    deliver: async (page) => {
      const next = await waitFor(async () => {
        const pushes = (await (await fetch(`${push}/pushes`)).json()) as {
          id: string;
          endpoint: string;
          text: string;
        }[];
        return pushes.find(({ id, endpoint }) => endpoint === subscription?.endpoint && !delivered.has(id));
      });
      delivered.add(next.id);
      if (!devtools.has(page)) devtools.set(page, workerOf(page));
      const { session, registrationId } = (await devtools.get(page)) as Worker;
      await session.send('ServiceWorker.deliverPushMessage', { origin: portal, registrationId, data: next.text });
      return next.text;
    },
    shown: (page) =>
      page.evaluate(async () => {
        const { active } = await navigator.serviceWorker.ready;
        if (!active) return [];
        const notifications = await (await navigator.serviceWorker.ready).getNotifications();
        return notifications.map(({ title, body, data }) => ({ title, body, url: data.url as string }));
      }),
  };
}

interface Worker {
  readonly session: CDPSession;
  readonly registrationId: string;
}

async function workerOf(page: Page): Promise<Worker> {
  const session = await page.context().newCDPSession(page);
  const registered = new Promise<string>((found) =>
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first) found(first.registrationId);
    }),
  );
  await session.send('ServiceWorker.enable');
  return { session, registrationId: await registered };
}

/** Runs in the page, before its own code. A real `subscribe` asks the vendor's servers. */
function usePushService(): void {
  type Known = { endpoint: string; keys: object; vapidKey: string } | null;
  const ask = (window as unknown as { localPushSubscription(vapidKey?: string | null): Promise<Known> })
    .localPushSubscription;
  const bytesOf = (text: string) =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
  const asSubscription = (known: Known) =>
    known && {
      endpoint: known.endpoint,
      options: { userVisibleOnly: true, applicationServerKey: bytesOf(known.vapidKey).buffer },
      toJSON: () => ({ endpoint: known.endpoint, expirationTime: null, keys: known.keys }),
      unsubscribe: async () => (await ask(null)) === null,
    };
  Object.assign(PushManager.prototype, {
    subscribe: async ({ applicationServerKey }: { applicationServerKey: string }) =>
      asSubscription(await ask(applicationServerKey)),
    getSubscription: async () => asSubscription(await ask()),
  });
}
