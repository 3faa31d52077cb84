import type { PushSubscriptionView } from '@bellhop/contracts/http';
import type { Identity, Issuer } from '@bellhop/local-stack';
import type { ManagedApp } from '../world/managed-app.js';
import type { PushProvider } from '../world/push-provider.js';
import type { Random } from '../world/random.js';
import { type HttpContext, type HttpWrite, requestUntilAnswered } from '../writers/http.js';
import { Device } from './device.js';
import { FeedPage } from './feed-page.js';

/** Who has how many: by turns, in the order of their coming. */
const DEVICES = [2, 1, 2, 0, 1];
/** The process that registers them may be killed again and again. */
const PATIENCE_MS = 600_000;
const PATH = '/notifications/push-subscriptions';

type Noting = Omit<HttpContext, 'urls'>;

interface Person {
  readonly identity: Identity;
  readonly devices: Device[];
  readonly page: FeedPage;
}

/** Everybody with an account who has come: their browsers, and the page that each of them has open. */
export class People {
  private readonly byId = new Map<string, Promise<Person>>();
  private readonly come: Person[] = [];

  constructor(
    private readonly push: PushProvider,
    private readonly issuer: Issuer,
    private readonly replicas: readonly ManagedApp[],
  ) {}

  get devices(): readonly Device[] {
    return this.come.flatMap(({ devices }) => devices);
  }

  /** The pages, by person. */
  get pages(): ReadonlyMap<string, FeedPage> {
    return new Map(this.come.map(({ identity, page }) => [identity.id, page]));
  }

  /**
   * Resolves when all of the person's browsers are registered, so that whatever happens from now on reaches them.
   * @param count how many they have
   */
  async join(
    identity: Identity,
    noting: Noting,
    count = DEVICES[this.byId.size % DEVICES.length] as number,
  ): Promise<void> {
    const known = this.byId.get(identity.id) ?? this.welcome(identity, count, noting);
    this.byId.set(identity.id, known);
    await known;
  }

  /** Somebody has seen all that is in their feed. */
  async seeFeed(identity: Identity, noting: Noting): Promise<void> {
    await this.ask(identity, { method: 'POST', path: '/notifications/feed/seen', body: { all: true } }, noting);
  }

  /** The person switches a device off, if there is one. */
  async switchOff(identity: Identity, noting: Noting): Promise<void> {
    const device = (await this.byId.get(identity.id))?.devices.find(({ isOn }) => isOn);
    if (!device) return;
    device.endedFrom = Date.now();
    const answer = await this.ask(identity, { method: 'DELETE', path: `${PATH}/${device.id}`, body: {} }, noting);
    // An answer that was lost is repeated, and then says that there is no such device.
    if (answer) device.endedBy = Date.now();
  }

  /** A browser of somebody withdraws at its push service, which answers 410 from now on. False if nobody has one. */
  lose(random: Random): boolean {
    const on = this.devices.filter(({ isOn }) => isOn);
    if (on.length === 0) return false;
    const device = random.pick(on);
    device.endedFrom = Date.now();
    this.push.service.unsubscribe(device.keys.endpoint);
    return true;
  }

  async stop(): Promise<void> {
    for (const { page } of this.come) page.close();
  }

  private async welcome(identity: Identity, count: number, noting: Noting): Promise<Person> {
    const devices = Array.from({ length: count }, () => new Device(identity.id, this.push.subscribe()));
    const page = new FeedPage(
      this.replicas.map(({ url }) => url),
      this.issuer.token(identity),
    );
    const person = { identity, devices, page };
    this.come.push(person);
    page.open();
    // Whoever has none tries to have us send requests to a server of their choice, in vain.
    if (count === 0)
      await this.ask(identity, { method: 'POST', path: PATH, body: this.push.subscribeAtStranger() }, noting);
    // Else an agent's mail would wait for their push to be seen, longer than a storm lasts.
    const mailAtOnce = { method: 'PUT', path: '/notifications/preferences', body: { mailAfterMinutes: 0 } } as const;
    if (count > 0) await this.ask(identity, mailAtOnce, noting);
    for (const device of devices) {
      // Without a cookie each of them is a browser of its own.
      const write = { method: 'POST', path: PATH, body: device.keys } as const;
      device.id = (await this.ask<PushSubscriptionView>(identity, write, noting))?.id;
    }
    return person;
  }

  private ask<T>(identity: Identity, write: Pick<HttpWrite, 'method' | 'path' | 'body'>, noting: Noting) {
    const headers = { authorization: `Bearer ${this.issuer.token(identity)}` };
    return requestUntilAnswered<T>(
      { ...write, headers, who: 'browser', key: identity.id, isCounted: false, patienceMs: PATIENCE_MS },
      { ...noting, urls: this.replicas.map(({ url }) => url) },
    );
  }
}
