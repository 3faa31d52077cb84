import { setTimeout as pause } from 'node:timers/promises';
import { restoreStream, snapshotStream, type TcpProxy, waitFor } from '@bellhop/local-stack';
import type { History } from '../history/history.js';
import type { ManagedApp } from '../world/managed-app.js';
import { Random } from '../world/random.js';
import type { World } from '../world/world.js';
import type { Action, ActionKind } from './plan.js';

const RECOVERY_MS = 30_000;

/** Time from the end of a fault until every process was ready and the next mail was accepted; null: longer than 30 s. */
export interface Recovery {
  readonly kind: ActionKind;
  readonly ms: number | null;
}

/** Executes the planned faults, and undoes each of them. */
export class Nemesis {
  readonly recoveries: Recovery[] = [];
  /** Events that streams have lost by rollbacks. */
  eventsRolledBack = 0;

  constructor(
    private readonly world: World,
    private readonly history: History,
  ) {}

  /** Leaves no fault behind, not even when it fails. */
  async run(actions: readonly Action[]): Promise<void> {
    for (const { kind, ...details } of actions) this.history.note('nemesis', kind, details);
    await Promise.all(actions.map((action) => this.act(action)));
    const startedAt = performance.now();
    const before = await this.world.countAccepted();
    const hasRecovered = await waitFor(
      async () => {
        const isReady = (await Promise.all(this.world.apps.map((app) => app.isReady()))).every(Boolean);
        return isReady && (await this.world.countAccepted()) > before;
      },
      { timeoutMs: RECOVERY_MS },
    ).then(
      () => true,
      () => false,
    );
    const ms = hasRecovered ? Math.round(performance.now() - startedAt) : null;
    for (const { kind } of actions) this.recoveries.push({ kind, ms });
    this.history.note('world', 'recovered', { after: actions.map(({ kind }) => kind), ms });
  }

  private act(action: Action): Promise<void> {
    const { world } = this;
    switch (action.kind) {
      case 'kill':
        return stopFor(action.awayMs, this.app(action.process));
      case 'freeze':
        return this.freeze(action.forMs, this.app(action.process));
      case 'stop_nats':
        return stopFor(action.awayMs, stoppable(world.nats, action.how));
      case 'stop_postgres':
        return stopFor(action.awayMs, stoppable(world.postgres, action.how));
      case 'misbehave':
        return this.misbehave(action);
      case 'misbehave_push':
        return this.misbehavePush(action);
      case 'lose_devices':
        return this.loseDevices(action);
      case 'rollback':
        return this.rollBack(action);
      default:
        return this.disturb(action);
    }
  }

  /** Disturbs the network between one process and one server. */
  private async disturb(action: Extract<Action, { link: unknown }>): Promise<void> {
    const link: TcpProxy = this.app(action.process).links[action.link];
    if (action.kind === 'reset') return link.reset();
    if (action.kind === 'slow') link.delay(action.delayMs);
    if (action.kind === 'hang') link.hang();
    if (action.kind === 'cut') link.cut(action.direction, action.afterBytes);
    await pause(action.forMs);
    link.heal();
  }

  private async freeze(forMs: number, app: ManagedApp): Promise<void> {
    app.freeze();
    await pause(forMs);
    app.thaw();
  }

  private async misbehave({ how, seed, forMs }: Extract<Action, { kind: 'misbehave' }>): Promise<void> {
    const { provider } = this.world;
    await provider.misbehave(how, seed);
    await pause(forMs);
    await provider.behave();
  }

  private async misbehavePush({ how, forMs }: Extract<Action, { kind: 'misbehave_push' }>): Promise<void> {
    const { push } = this.world;
    await push.misbehave(how);
    await pause(forMs);
    await push.behave();
  }

  private async loseDevices({ count, seed }: Extract<Action, { kind: 'lose_devices' }>): Promise<void> {
    const random = new Random(seed);
    for (let lost = 0; lost < count; lost++) this.world.people.lose(random);
  }

  private async rollBack({ stream, afterMs, keepConsumers }: Extract<Action, { kind: 'rollback' }>): Promise<void> {
    const { nats } = this.world;
    // Read before the snapshot: events after this one are not in it, or were written while it was made.
    const kept = await this.world.lastSequence(stream);
    const snapshot = snapshotStream(nats, stream);
    await pause(afterMs);
    const lost = (await this.world.lastSequence(stream)) - kept;
    await nats.kill();
    restoreStream(nats, snapshot, { keepConsumers });
    await nats.resume();
    this.eventsRolledBack += lost;
    this.history.note('world', 'rolled back', { stream, lost });
  }

  private app(name: string): ManagedApp {
    const app = this.world.apps.find((one) => one.name === name);
    if (!app) throw new Error(`no process ${name}`);
    return app;
  }
}

interface Stoppable {
  kill(): Promise<void>;
  start(): Promise<void>;
}

async function stopFor(forMs: number, target: Stoppable): Promise<void> {
  await target.kill();
  await pause(forMs);
  await target.start();
}

function stoppable(
  server: { kill(): Promise<void>; pause(): Promise<void>; resume(): Promise<void> },
  how: 'kill' | 'pause',
): Stoppable {
  return { kill: () => server[how](), start: () => server.resume() };
}
