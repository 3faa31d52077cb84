import { consumerName, type ServiceName, type StreamName } from '@bellhop/contracts/streams';
import { AckPolicy, type ConsumerConfig, DeliverPolicy, type JetStreamManager, ReplayPolicy } from '@nats-io/jetstream';
import { isConsumerMissing, isStreamMissing } from './api-errors.js';
import { ProvisioningError, provisioningErrorOf } from './provisioning-error.js';
import { matches } from './routes.js';

const ACK_WAIT_NANOS = 30_000_000_000;

export interface ConsumerPlan {
  stream: StreamName;
  service: ServiceName;
  filterSubjects?: readonly string[];
  maxAckPending: number;
  apply: boolean;
}

export async function provisionConsumer(manager: JetStreamManager, plan: ConsumerPlan): Promise<string[]> {
  const name = consumerName(plan.service);
  const what = `consumer ${name} on stream ${plan.stream}`;
  try {
    const existing = await findConsumer(manager, plan, name);
    if (!existing) {
      if (plan.apply) await manager.consumers.add(plan.stream, newConfig(plan, name));
      return [`+ ${what}${plan.filterSubjects ? ` (${plan.filterSubjects.join(', ')})` : ''}`];
    }
    refuseToNarrow(what, existing, plan);
    const changed = changes(existing, plan);
    const update = Object.fromEntries(changed.map(({ key, to }) => [key, to]));
    if (changed.length > 0 && plan.apply) await manager.consumers.update(plan.stream, name, update);
    return changed.map(({ key, from, to }) => `~ ${what}: ${key} ${String(from)} → ${String(to)}`);
  } catch (error) {
    throw provisioningErrorOf(what, error);
  }
}

/** No server back-off: it would replace `ack_wait` by its first step. `EventPipeline` computes delays itself. */
function newConfig(plan: ConsumerPlan, name: string): Partial<ConsumerConfig> {
  return {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: ACK_WAIT_NANOS,
    max_deliver: -1,
    max_ack_pending: plan.maxAckPending,
    ...filterOf(plan.filterSubjects ?? []),
  };
}

/** A single filter goes into the old field, which nats-server 2.9 knows; several need the one of 2.10. */
function filterOf(subjects: readonly string[]): Partial<ConsumerConfig> {
  if (subjects.length === 0) return {};
  return subjects.length === 1 ? { filter_subject: subjects[0] as string } : { filter_subjects: [...subjects] };
}

async function findConsumer(manager: JetStreamManager, plan: ConsumerPlan, name: string) {
  try {
    return (await manager.consumers.info(plan.stream, name)).config;
  } catch (error) {
    // Planned only (`apply: false`), a consumer may have no stream yet either.
    if (isConsumerMissing(error) || (isStreamMissing(error) && !plan.apply)) return null;
    throw error;
  }
}

function filtersOf(config: ConsumerConfig): string[] {
  return config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : []);
}

function refuseToNarrow(what: string, existing: ConsumerConfig, plan: ConsumerPlan): void {
  const losses: string[] = [];
  if (existing.deliver_subject) losses.push('it is a push consumer');
  if (existing.ack_policy !== AckPolicy.Explicit) losses.push(`its acks are ${existing.ack_policy}, planned explicit`);
  if (existing.deliver_policy !== DeliverPolicy.All)
    losses.push(`it begins at ${existing.deliver_policy}, planned at the first event`);
  const planned = plan.filterSubjects ?? ['>'];
  const seen = filtersOf(existing);
  const gone = (seen.length > 0 ? seen : ['>']).filter((old) => !planned.some((wider) => matches(wider, old)));
  if (gone.length > 0) losses.push(`the plan no longer sees ${gone.join(', ')}`);
  if (losses.length > 0)
    throw new ProvisioningError(
      'would_destroy',
      what,
      `it differs in a way that could skip events: ${losses.join('; ')}. Change the plan, or delete the consumer by hand; a new one begins at the first event, and the inbox knows what was handled`,
    );
}

interface Change {
  key: keyof ConsumerConfig;
  from: unknown;
  to: unknown;
}

function changes(existing: ConsumerConfig, plan: ConsumerPlan): Change[] {
  const found: Change[] = [];
  const expect = (key: keyof ConsumerConfig, to: unknown, isFine: boolean) => {
    if (!isFine) found.push({ key, from: existing[key], to });
  };
  expect('ack_wait', ACK_WAIT_NANOS, existing.ack_wait === ACK_WAIT_NANOS);
  expect('max_deliver', -1, existing.max_deliver === -1);
  // A higher limit than planned does no harm.
  const pending = existing.max_ack_pending ?? 1_000;
  expect('max_ack_pending', plan.maxAckPending, pending === -1 || pending >= plan.maxAckPending);
  expect('backoff', [], (existing.backoff ?? []).length === 0);
  const planned = plan.filterSubjects ?? [];
  if ([...filtersOf(existing)].sort().join() !== [...planned].sort().join()) {
    const key = planned.length > 1 ? 'filter_subjects' : 'filter_subject';
    expect(key, planned.length > 1 ? [...planned] : (planned[0] ?? ''), false);
  }
  return found;
}
