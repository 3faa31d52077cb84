import type { StreamDefinition } from '@bellhop/contracts/streams';
import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { isStreamMissing } from './api-errors.js';
import { ProvisioningError, provisioningErrorOf } from './provisioning-error.js';
import { matches } from './routes.js';

const NANOS_PER_MS = 1_000_000;

type PlannedStream = Pick<
  StreamConfig,
  | 'name'
  | 'subjects'
  | 'retention'
  | 'storage'
  | 'discard'
  | 'max_age'
  | 'max_bytes'
  | 'duplicate_window'
  | 'num_replicas'
  | 'max_msgs'
  | 'max_msgs_per_subject'
  | 'max_msg_size'
  | 'subject_transform'
>;

export async function provisionStream(
  manager: JetStreamManager,
  definition: StreamDefinition,
  options: { replicas: number; apply: boolean },
): Promise<string[]> {
  const what = `stream ${definition.name}`;
  const planned = plannedConfig(definition, options.replicas);
  try {
    const existing = await findStream(manager, definition.name);
    if (!existing) {
      if (options.apply) await manager.streams.add(planned);
      return [`+ ${what}: ${planned.subjects.join(', ')} (${describe(planned)})`];
    }
    refuseToDestroy(what, existing, planned);
    const changes = differences(existing, planned);
    if (changes.length > 0 && options.apply) await manager.streams.update(definition.name, planned);
    return changes.map((change) => `~ ${what}: ${change}`);
  } catch (error) {
    throw provisioningErrorOf(what, error);
  }
}

function plannedConfig(definition: StreamDefinition, replicas: number): PlannedStream {
  return {
    name: definition.name,
    subjects: [...definition.subjects],
    ...(definition.storedAs && { subject_transform: { src: definition.subjects[0] ?? '', dest: definition.storedAs } }),
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: definition.discard === 'new' ? DiscardPolicy.New : DiscardPolicy.Old,
    max_age: definition.maxAgeMs * NANOS_PER_MS,
    max_bytes: definition.maxBytes,
    duplicate_window: definition.dedupeMs * NANOS_PER_MS,
    num_replicas: replicas,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
  };
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamConfig | null> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (isStreamMissing(error)) return null;
    throw error;
  }
}

/** Limits whose reduction deletes stored events, or copies of them. */
const LIMITS = [
  'max_age',
  'max_bytes',
  'duplicate_window',
  'num_replicas',
  'max_msgs',
  'max_msgs_per_subject',
  'max_msg_size',
] as const;

function refuseToDestroy(what: string, existing: StreamConfig, planned: PlannedStream): void {
  const losses: string[] = [];
  for (const key of ['retention', 'storage'] as const)
    if (existing[key] !== planned[key]) losses.push(`${key} is ${existing[key]}, planned ${planned[key]}`);
  if (existing.discard === DiscardPolicy.New && planned.discard === DiscardPolicy.Old)
    losses.push('it refuses new events when full, the plan drops the oldest');
  const gone = existing.subjects.filter((subject) => !planned.subjects.some((wider) => matches(wider, subject)));
  if (gone.length > 0) losses.push(`the plan no longer takes ${gone.join(', ')}`);
  for (const key of LIMITS)
    if (isLess(planned[key], existing[key]))
      losses.push(`${key} is ${inWords(key, existing[key])}, planned ${inWords(key, planned[key])}`);
  if (losses.length > 0)
    throw new ProvisioningError(
      'would_destroy',
      what,
      `it differs in a way that could lose events: ${losses.join('; ')}. Change the plan, or the stream by hand (\`nats stream edit ${planned.name}\`)`,
    );
}

/** 0 and −1 mean "no limit". */
function isLess(planned: number, existing: number): boolean {
  if (planned <= 0) return false;
  return existing <= 0 || planned < existing;
}

function differences(existing: StreamConfig, planned: PlannedStream): string[] {
  const changes: string[] = [];
  if ([...existing.subjects].sort().join() !== [...planned.subjects].sort().join())
    changes.push(`subjects ${existing.subjects.join(', ')} → ${planned.subjects.join(', ')}`);
  const storedAs = planned.subject_transform?.dest;
  if (existing.subject_transform?.dest !== storedAs)
    changes.push(`stored as ${existing.subject_transform?.dest ?? 'published'} → ${storedAs ?? 'published'}`);
  if (existing.discard !== planned.discard) changes.push(`discard ${existing.discard} → ${planned.discard}`);
  for (const key of LIMITS)
    if (existing[key] !== planned[key])
      changes.push(`${key} ${inWords(key, existing[key])} → ${inWords(key, planned[key])}`);
  return changes;
}

function describe(planned: PlannedStream): string {
  const limits = LIMITS.filter((key) => planned[key] > 0).map((key) => `${key} ${inWords(key, planned[key])}`);
  return [...limits, `discard ${planned.discard}`].join(', ');
}

function inWords(key: (typeof LIMITS)[number], value: number): string {
  if (value <= 0) return 'unlimited';
  if (key === 'max_bytes' || key === 'max_msg_size') return `${value} bytes`;
  return key === 'max_age' || key === 'duplicate_window' ? `${value / NANOS_PER_MS / 1_000} s` : String(value);
}
