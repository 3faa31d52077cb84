import type { Direction } from '@bellhop/local-stack';
import type { LinkName } from '../world/managed-app.js';
import { MISBEHAVIOURS, type Misbehaviour } from '../world/provider.js';
import { PUSH_MISBEHAVIOURS, type PushMisbehaviour } from '../world/push-provider.js';
import type { Random } from '../world/random.js';

/** One fault. Processes by name; times in milliseconds. */
export type Action =
  | { readonly kind: 'kill'; readonly process: string; readonly awayMs: number }
  | { readonly kind: 'freeze'; readonly process: string; readonly forMs: number }
  /** `kill`: as a machine that loses power; `pause`: as for maintenance. */
  | { readonly kind: 'stop_nats'; readonly how: 'kill' | 'pause'; readonly awayMs: number }
  | { readonly kind: 'stop_postgres'; readonly how: 'kill' | 'pause'; readonly awayMs: number }
  | {
      readonly kind: 'slow';
      readonly process: string;
      readonly link: LinkName;
      readonly delayMs: number;
      readonly forMs: number;
    }
  | { readonly kind: 'reset'; readonly process: string; readonly link: LinkName }
  | {
      readonly kind: 'cut';
      readonly process: string;
      readonly link: LinkName;
      readonly direction: Direction;
      readonly afterBytes: number;
      readonly forMs: number;
    }
  | { readonly kind: 'hang'; readonly process: string; readonly link: LinkName; readonly forMs: number }
  | { readonly kind: 'misbehave'; readonly how: Misbehaviour; readonly forMs: number; readonly seed: number }
  | { readonly kind: 'misbehave_push'; readonly how: PushMisbehaviour; readonly forMs: number }
  /** So many browsers withdraw at the push service. */
  | { readonly kind: 'lose_devices'; readonly count: number; readonly seed: number }
  /** Restores a stream to its state of `afterMs` before, like a disk that had not written everything. */
  | {
      readonly kind: 'rollback';
      readonly stream: 'TICKETS' | 'NOTIFICATIONS';
      readonly afterMs: number;
      readonly keepConsumers: boolean;
    };

export type ActionKind = Action['kind'];

export interface Step {
  /** Time without faults before it, so that work continues. */
  readonly calmMs: number;
  /** One, or two at once. */
  readonly actions: readonly Action[];
}

export interface PlanOptions {
  readonly processes: readonly string[];
  readonly leaseMs: number;
}

const ROUND: readonly ActionKind[] = [
  'kill',
  'kill',
  'freeze',
  'stop_nats',
  'stop_postgres',
  'slow',
  'reset',
  'cut',
  'cut',
  'hang',
  'misbehave',
  'misbehave',
  'misbehave_push',
  'misbehave_push',
  'lose_devices',
];

/** An endless sequence of faults, in rounds: each has every kind, in a random order. */
export function* plan(random: Random, options: PlanOptions): Generator<Step, never> {
  const kinds: readonly ActionKind[] = [...ROUND, 'rollback'];
  for (;;) {
    for (const kind of shuffled(kinds, random)) {
      const actions = [actionOf(kind, random, options)];
      if (kind !== 'rollback' && random.chance(0.25)) {
        const other = random.pick(ROUND.filter((one) => one !== kind));
        actions.push(actionOf(other, random, options));
      }
      yield { calmMs: random.between(800, 2_500), actions };
    }
  }
}

function actionOf(kind: ActionKind, random: Random, { processes, leaseMs }: PlanOptions): Action {
  const process = random.pick(processes);
  // Only `notifications` connects to the mail provider.
  const isSending = process !== 'tickets' && process !== 'guest-auth';
  const link = random.pick<LinkName>(isSending ? ['nats', 'postgres', 'provider'] : ['nats', 'postgres']);
  const briefMs = random.between(300, 2_500);
  switch (kind) {
    case 'kill':
      return { kind, process, awayMs: random.between(0, 2_000) };
    case 'freeze':
      return { kind, process, forMs: leaseMs + random.between(500, 3_000) };
    case 'stop_nats':
    case 'stop_postgres':
      return { kind, how: random.pick(['kill', 'pause']), awayMs: random.between(0, 3_000) };
    case 'slow':
      return { kind, process, link, delayMs: random.between(20, 250), forMs: random.between(1_500, 4_000) };
    case 'reset':
      return { kind, process, link };
    case 'cut': {
      const direction = random.pick<Direction>(['up', 'down']);
      return { kind, process, link, direction, afterBytes: random.pick([0, 1, 40, 700, 5_000]), forMs: briefMs };
    }
    case 'hang':
      return { kind, process, link, forMs: random.between(1_000, 5_000) };
    case 'misbehave':
      return {
        kind,
        how: random.pick(MISBEHAVIOURS),
        forMs: random.between(1_000, 3_000),
        seed: random.between(1, 1e6),
      };
    case 'misbehave_push':
      return { kind, how: random.pick(PUSH_MISBEHAVIOURS), forMs: random.between(1_000, 3_000) };
    case 'lose_devices':
      return { kind, count: random.between(1, 3), seed: random.between(1, 1e6) };
    case 'rollback': {
      const stream = random.pick(['TICKETS', 'NOTIFICATIONS'] as const);
      return { kind, stream, afterMs: random.between(1_500, 4_000), keepConsumers: random.chance(0.5) };
    }
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.between(0, left.length - 1), 1)[0] as T);
}
