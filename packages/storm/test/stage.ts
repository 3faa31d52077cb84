import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inboundSubjectOf, type TicketEvent } from '@bellhop/contracts/events';
import type { ServiceName } from '@bellhop/contracts/streams';
import { buildEvent } from '@bellhop/contracts/testing';
import { JetStreamPublisher, NatsLink } from '@bellhop/jetstream';
import { waitFor } from '@bellhop/local-stack';
import { check } from '../src/checker/check.js';
import type { Evidence } from '../src/checker/evidence.js';
import type { Violation } from '../src/checker/violation.js';
import { faultEnvironment } from '../src/faults/fault-environment.js';
import { bundleFaultyApp, writeFaultyBuild } from '../src/faults/faulty-build.js';
import type { Order } from '../src/faults/parse-faults.js';
import type { FailpointLine } from '../src/faults/runtime.js';
import type { SabotageName } from '../src/faults/sabotages.js';
import { History } from '../src/history/history.js';
import type { ManagedApp } from '../src/world/managed-app.js';
import { World, type WorldOptions } from '../src/world/world.js';
import { requestUntilAnswered } from '../src/writers/http.js';

/** How long a process may take to start and reach its failpoint. Far more than it needs. */
const CRASH_TIMEOUT_MS = 120_000;
/** Longer, because the process that answers the operator is killed again and again. */
const REDRIVE_MS = 600_000;
const QUIET_MS = 60_000;
/** Instead of half a minute, so that messages of a crashed process are redelivered soon. */
const ACK_WAIT_MS = 2_000;

export interface Faults {
  readonly failpoints?: readonly Order[];
  readonly sabotages?: readonly SabotageName[];
}

/** A failpoint that a process has reached. */
interface Reached extends FailpointLine {
  readonly process: string;
}

/** A world in which processes crash on cue. */
export class Stage {
  /** Ids of events that have to become dead letters. */
  readonly unusable: string[] = [];
  private readonly crm: NatsLink;
  private readonly publisher: JetStreamPublisher;
  private events = 0;
  private readonly reported = new Set<string>();
  private readonly builds = mkdtempSync(join(tmpdir(), 'bellhop-builds-'));
  /** By folder and app. Several processes want the same at once. */
  private readonly bundles = new Map<string, Promise<void>>();

  private constructor(
    readonly world: World,
    private readonly reached: Reached[],
  ) {
    this.crm = new NatsLink({
      url: world.nats.urlFor('crm'),
      name: 'crm',
      inboxPrefix: '_INBOX',
      log: () => undefined,
    });
    this.crm.start();
    this.publisher = new JetStreamPublisher({ link: this.crm });
  }

  static async open(options: Omit<WorldOptions, 'onLine'>): Promise<Stage> {
    const reached: Reached[] = [];
    const onLine = (process: string, line: string) => {
      if (line.startsWith('{"failpoint":')) reached.push({ process, ...(JSON.parse(line) as FailpointLine) });
    };
    const world = await World.start({ ...options, onLine });
    const stage = new Stage(world, reached);
    try {
      await shortenAckWait(world);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  /**
   * Starts the process so that it crashes at the failpoint, and waits for that. Its last line shows that the failpoint killed it, and nothing
   * else.
   * @throws WaitTimeoutError when it does not reach the failpoint
   */
  async crashAt(app: ManagedApp, order: Omit<Order, 'action'>, faults: Omit<Faults, 'failpoints'> = {}): Promise<void> {
    await this.start(app, { ...faults, failpoints: [{ ...order, action: 'kill' }] });
    const ended: { code?: number | null } = {};
    void app.exited.then((code) => Object.assign(ended, { code }));
    const what = `${app.name} to crash at ${order.name}:${order.nth}`;
    await waitFor(() => ended.code !== undefined, { timeoutMs: CRASH_TIMEOUT_MS, what });
    if (ended.code !== null)
      throw new Error(`${app.name} ended with code ${ended.code} instead of crashing at ${order.name}`);
    await this.untilReached(app, order);
  }

  /** Starts the process with these faults. A crash at a failpoint during the start is no error. */
  async start(app: ManagedApp, { failpoints = [], sabotages = [] }: Faults): Promise<void> {
    const repository = await this.buildWithout(sabotages, app.app);
    await app.kill();
    this.forget(app);
    try {
      await app.start({ env: faultEnvironment(failpoints), repository });
    } catch (error) {
      if (!this.reached.some((one) => one.process === app.name && one.action === 'kill')) throw error;
    }
  }

  /** Since its last start. */
  untilReached(app: ManagedApp, { name, nth }: Omit<Order, 'action'>): Promise<unknown> {
    const isIt = (one: Reached) => one.process === app.name && one.failpoint === name && one.nth === nth;
    return waitFor(() => this.reached.some(isIt), {
      timeoutMs: CRASH_TIMEOUT_MS,
      what: `${app.name} at ${name}:${nth}`,
    });
  }

  /** Publishes one `ticket.resolved.v1` each for so many requesters and tickets: mails that are sent at once. */
  async resolve(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => this.solved());
    for (const event of events) this.world.log.attempt('crm', event);
    await this.publish(events.map((event) => [event.id, JSON.stringify(event)]));
    for (const event of events) this.world.log.acknowledgeEvent('crm', event);
  }

  /** An operator redrives a repaired dead letter, and retries until that is answered. */
  async redrive(app: ManagedApp): Promise<void> {
    const { issuer, log } = this.world;
    const who = { id: 'operator', email: 'ops@example.test', locale: 'en', isAgent: false, isOperator: true };
    const token = issuer.token(who);
    const event = this.solved();
    const sequence = await waitFor(() => untouchedLetter(app.url, token), {
      timeoutMs: REDRIVE_MS,
      what: 'a dead letter',
    });
    log.attempt('crm', event);
    const path = `/ops/dead-letters/${sequence}/redrive`;
    const write = {
      who: who.id,
      headers: { authorization: `Bearer ${token}` },
      method: 'POST',
      path,
      key: event.id,
      body: { event },
      isCounted: false,
      patienceMs: REDRIVE_MS,
    } as const;
    const answer = await requestUntilAnswered(write, { urls: [app.url], log, history: new History() });
    if (!answer) throw new Error(`the dead letter ${sequence} was not accepted`);
    log.acknowledgeEvent('crm', event);
  }

  /** A customer files a ticket, and retries until that is answered. */
  async file(): Promise<void> {
    const { tickets, issuer, log } = this.world;
    const id = `filer-${this.events++}`;
    const token = issuer.token({ id, email: `${id}@customers.example`, locale: 'en', isAgent: false });
    const body = { category: 'trading', subject: 'A question', body: id };
    const headers = { authorization: `Bearer ${token}` };
    const write = { who: id, headers, method: 'POST', path: '/tickets', key: id, body, isCounted: true } as const;
    await requestUntilAnswered(write, { urls: [tickets.url], log, history: new History() });
  }

  /** Waits until NATS has acknowledged every event of `tickets`. */
  untilPublished(): Promise<unknown> {
    const unpublished = 'select id from outbox where published_at is null';
    return waitFor(async () => (await this.world.databases.rows('tickets', unpublished)).length === 0, {
      timeoutMs: QUIET_MS,
      what: 'everything to be published',
    });
  }

  /**
   * Creates a consumer of TICKETS that is ahead of the stream's end, like one whose server lost the stream's end but not the consumer's
   * position. Servers from 2.14 on reset such consumers by themselves when they start.
   */
  async standAhead(): Promise<void> {
    const place = { deliver_policy: 'by_start_sequence', opt_start_seq: 1_000_000 };
    await asProvisioner(this.world, async (ask) => {
      const config = { durable_name: 'ahead', ack_policy: 'explicit', ...place };
      await ask('CONSUMER.DURABLE.CREATE.TICKETS.ahead', { stream_name: 'TICKETS', config });
    });
  }

  /** Publishes unusable events. */
  async publishUnusable(count: number): Promise<void> {
    const ids = Array.from({ length: count }, () => `unusable-${this.events++}`);
    // Noted before: an event that is stored without an answer becomes a dead letter, too.
    this.unusable.push(...ids);
    await this.publish(ids.map((id) => [id, JSON.stringify({ specversion: '1.0', id })]));
  }

  /** Waits until the system is quiet and runs the checker; returns the violations that are new since the last call. */
  async violations(over: Partial<Evidence> = {}): Promise<Violation[]> {
    const isQuiet = await this.world.untilQuiet(QUIET_MS);
    const found = check({ ...(await this.world.collect()), expectedDeadLetters: this.unusable, ...over });
    if (!isQuiet && found.length === 0)
      found.push({ name: 'stuck', ids: [], says: 'The system did not become quiet.' });
    const keyOf = ({ name, ids }: Violation) => `${name} ${ids.join()}`;
    const fresh = found.filter((violation) => !this.reported.has(keyOf(violation)));
    for (const violation of found) this.reported.add(keyOf(violation));
    return fresh;
  }

  async close(): Promise<void> {
    this.publisher.close();
    await this.crm.close();
    await this.world.stop();
    await rm(this.builds, { recursive: true, force: true });
  }

  /** The folder of a build that lacks these safeguards and has a bundle of the app. */
  private async buildWithout(safeguards: readonly SabotageName[], app: ServiceName): Promise<string> {
    const folder = join(this.builds, safeguards.join('-') || 'all');
    if (!existsSync(folder)) writeFaultyBuild(folder, safeguards);
    const key = `${folder}/${app}`;
    if (!this.bundles.has(key)) this.bundles.set(key, bundleFaultyApp(folder, app));
    await this.bundles.get(key);
    return folder;
  }

  private solved(): TicketEvent {
    const id = `stage-${this.events++}`;
    const ticket = { id, url: `https://crm.example.com/t/${id}`, version: 1 };
    const requester = { kind: 'user', id, email: `${id}@crm.example` } as const;
    return buildEvent('ticket.resolved.v1', { ticket, requester }) as TicketEvent;
  }

  private forget(app: ManagedApp): void {
    for (let index = this.reached.length - 1; index >= 0; index--)
      if (this.reached[index]?.process === app.name) this.reached.splice(index, 1);
  }

  private async publish(events: readonly (readonly [id: string, text: string])[]): Promise<void> {
    await this.crm.connected();
    const subject = inboundSubjectOf('crm', 'ticket.resolved.v1');
    const outcomes = await this.publisher.publish(
      events.map(([id, text]) => ({ subject, id, data: Buffer.from(text) })),
    );
    const failure = outcomes.find((outcome) => !outcome.ok);
    if (failure) throw new Error('an event could not be published', { cause: failure });
  }
}

/** The newest dead letter that nobody has redriven, if there is one. */
async function untouchedLetter(url: string, token: string): Promise<number | undefined> {
  const answer = await fetch(`${url}/ops/dead-letters`, { headers: { authorization: `Bearer ${token}` } });
  const { items } = (await answer.json()) as { items: { sequence: number; isRedriven: boolean }[] };
  return items.find(({ isRedriven }) => !isRedriven)?.sequence;
}

async function shortenAckWait(world: World): Promise<void> {
  await asProvisioner(world, async (ask) => {
    for (const stream of ['TICKETS', 'INBOUND']) {
      const name = `${stream}.notifications`;
      const { config } = await ask<{ config: object }>(`CONSUMER.INFO.${name}`);
      const shorter = { ...config, ack_wait: ACK_WAIT_MS * 1_000_000 };
      await ask(`CONSUMER.CREATE.${name}`, { stream_name: stream, config: shorter, action: 'update' });
    }
  });
}

type Ask = <T>(api: string, body?: object) => Promise<T>;

async function asProvisioner(world: World, work: (ask: Ask) => Promise<void>): Promise<void> {
  const link = new NatsLink({ url: world.nats.urlFor('provisioner'), name: 'provisioner', log: () => undefined });
  link.start();
  try {
    const nats = await link.connected();
    await work(async <T>(api: string, body?: object) => {
      const answer = (await nats.request(`$JS.API.${api}`, body && JSON.stringify(body))).json<
        T & { error?: object }
      >();
      if (answer.error) throw new Error(JSON.stringify(answer.error));
      return answer;
    });
  } finally {
    await link.close();
  }
}
