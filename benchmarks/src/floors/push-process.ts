/** Pushes in a process of its own, so that its processor time is that of nothing else. */
import { createHash, randomUUID } from 'node:crypto';
import webpush from 'web-push';
import type { PushOrder, PushTask } from './push-process-of.js';

const AT_ONCE = 50;
const TTL_SECONDS = 3_600;
const SUBJECT = 'mailto:operations@example.test';
const TEXT = JSON.stringify({
  web_push: 8030,
  notification: {
    title: 'Your support ticket G4XS1R has a new reply',
    navigate: 'https://support.example.test/tickets/1',
  },
});
/** The files of the app as they were built: no package exports them, and its bundle is one program. */
const APP = new URL('../../../apps/notifications/dist/channels/push/', import.meta.url);

type Make = (index: number) => unknown;

const contenders: Record<PushTask, (order: PushOrder) => Promise<Make>> = {
  'built by us': async (order) => {
    const { pushRequest } = await ours('push-request.js');
    const { parseEndpoint } = await ours('endpoint.js');
    const { VapidHeaders, parseVapidKeys } = await ours('vapid.js');
    const [key] = parseVapidKeys(order.vapid);
    const headers = new VapidHeaders(SUBJECT);
    return (index) => {
      const endpoint = parseEndpoint(`${order.origin}/${index}`, order.origin);
      return pushRequest(endpoint, order.keys, pushOf(), headers.of(endpoint.origin, key));
    };
  },
  'built by web-push': async (order) => (index) =>
    webpush.generateRequestDetails(subscriptionOf(order, index), TEXT, optionsOf(order)),
  'sent by us': async (order) => {
    const { PushSender } = await ours('push-sender.js');
    const { parseVapidKeys } = await ours('vapid.js');
    const { sealKeys } = await ours('subscriptions/sealed-keys.js');
    const keys = parseVapidKeys(order.vapid);
    const sender = new PushSender({ keys, subject: SUBJECT, local: order.origin });
    const endpoint = `${order.origin}/device`;
    const endpointHash = createHash('sha256').update(endpoint).digest();
    const sealed = await sealKeys({ endpoint, keys: order.keys }, endpointHash, keys[0]);
    const row = { person: 'p', endpointHash, sealed, vapidKey: keys[0].publicKey, service: 'local', wasServed: true };
    const device = { id: randomUUID(), ...row };
    return async () => {
      const outcome = await sender.send(device, pushOf());
      if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
    };
  },
  'sent by web-push': async (order) => (index) =>
    webpush.sendNotification(subscriptionOf(order, index), TEXT, optionsOf(order)),
};

process.on('message', (order: PushOrder) => {
  void run(order).then((perCpuSecond) => process.send?.(perCpuSecond));
});
process.once('disconnect', () => process.exit(0));

/** @returns pushes per second of processor time, all of this process's threads together */
async function run(order: PushOrder): Promise<number> {
  const make = await contenders[order.task](order);
  // Until every connection stands.
  await repeat(make, Math.max(order.count / 10, 2 * AT_ONCE));
  const before = process.cpuUsage();
  await repeat(make, order.count);
  const { user, system } = process.cpuUsage(before);
  return order.count / ((user + system) / 1e6);
}

async function repeat(make: Make, count: number): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) await make(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

function ours(file: string) {
  return import(new URL(file, APP).href);
}

function pushOf() {
  return { topic: 'a'.repeat(32), urgency: 'high', text: TEXT, expiresAt: Date.now() + TTL_SECONDS * 1_000 };
}

function subscriptionOf({ origin, keys }: PushOrder, index: number) {
  return { endpoint: `${origin}/${index}`, keys };
}

function optionsOf({ vapid }: PushOrder): webpush.RequestOptions {
  const [publicKey = '', privateKey = ''] = vapid.split(':');
  const vapidDetails = { subject: SUBJECT, publicKey, privateKey };
  return { vapidDetails, TTL: TTL_SECONDS, urgency: 'high', topic: 'a'.repeat(32) };
}
