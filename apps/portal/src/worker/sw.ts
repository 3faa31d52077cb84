import { notificationOf } from './notification.js';
import { openPage } from './open-page.js';

declare const self: ServiceWorkerGlobalScope;

// No `fetch` here: pages come from the server, and a broken worker cannot break them.
self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  const { title, options } = notificationOf(event.data?.text(), self.location.origin);
  event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { url } = event.notification.data as { url: string };
  event.waitUntil(
    self.clients
      .matchAll({ type: 'window', includeUncontrolled: true })
      .then((pages) => openPage(pages, url, (opened) => self.clients.openWindow(opened))),
  );
});
