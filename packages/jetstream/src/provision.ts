import type { ServiceName, StreamDefinition, StreamName } from '@bellhop/contracts/streams';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { type ConsumerPlan, provisionConsumer } from './provision-consumer.js';
import { provisionStream } from './provision-stream.js';

const API_TIMEOUT_MS = 10_000;

export interface JetStreamPlan {
  streams: readonly StreamDefinition[];
  /** `filterSubjects`: the subjects that the consumer gets; all when absent. More than one needs nats-server 2.10. */
  consumers: readonly { stream: StreamName; service: ServiceName; filterSubjects?: readonly string[] }[];
  /** Copies of each stream: 1 in development, 3 in production. */
  replicas: number;
  /** Deliveries of one consumer that may be unsettled at a time. At least `maxInFlight` × replicas of the service. Default 5,000. */
  maxAckPending?: number;
  /** false: only report what would be done. */
  apply: boolean;
}

/**
 * Creates and updates streams and consumers as planned; nothing else does. Idempotent. It never deletes, shrinks or narrows
 * anything: that takes a person.
 * @returns one line per change; none when all is as planned
 * @throws ProvisioningError with what, which, the server's code, and what to do. Earlier parts of the plan stay applied.
 */
export async function provisionJetStream(connection: NatsConnection, plan: JetStreamPlan): Promise<string[]> {
  const manager: JetStreamManager = await jetstreamManager(connection, { checkAPI: false, timeout: API_TIMEOUT_MS });
  const lines: string[] = [];
  for (const definition of plan.streams)
    lines.push(...(await provisionStream(manager, definition, { replicas: plan.replicas, apply: plan.apply })));
  for (const consumer of plan.consumers) {
    const full: ConsumerPlan = { ...consumer, maxAckPending: plan.maxAckPending ?? 5_000, apply: plan.apply };
    lines.push(...(await provisionConsumer(manager, full)));
  }
  return lines;
}
