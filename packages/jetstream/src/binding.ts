import { AckPolicy, jetstreamManager } from '@nats-io/jetstream';
import { errors, type NatsConnection } from '@nats-io/nats-core';
import { isConsumerMissing, isStreamMissing } from './api-errors.js';

const API_TIMEOUT_MS = 5_000;

/** `createdAt`: as the server writes it. A different text means another consumer under the same name. */
export type Binding =
  | { ok: true; ackWaitMs: number; createdAt: string }
  | { ok: false; problem: string; error?: unknown };

/**
 * Looks up the durable consumer that `npm run provision` made. Requests only its info, so a service needs no right to read
 * or change the stream.
 */
export async function bind(connection: NatsConnection, stream: string, consumer: string): Promise<Binding> {
  const what = `consumer ${consumer} on stream ${stream}`;
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: API_TIMEOUT_MS });
    const { config, created } = await manager.consumers.info(stream, consumer);
    if (config.deliver_subject !== undefined || config.ack_policy !== AckPolicy.Explicit)
      return no(`${what} is not a pull consumer with explicit acks: delete it, then run \`npm run provision\``);
    // After that many deliveries the server would drop an event silently.
    if ((config.max_deliver ?? -1) > 0)
      return no(`${what} gives up after ${config.max_deliver} deliveries (max_deliver): run \`npm run provision\``);
    return { ok: true, ackWaitMs: (config.ack_wait ?? 30_000_000_000) / 1_000_000, createdAt: String(created) };
  } catch (error) {
    return { ok: false, problem: whatIsMissing(error, stream, consumer), error };
  }
}

function no(problem: string): Binding {
  return { ok: false, problem };
}

function whatIsMissing(error: unknown, stream: string, consumer: string): string {
  if (isStreamMissing(error)) return `stream ${stream} is missing: run \`npm run provision\``;
  if (isConsumerMissing(error)) return `consumer ${consumer} on stream ${stream} is missing: run \`npm run provision\``;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof errors.PermissionViolationError || error instanceof errors.PermissionViolationError)
    return `this NATS user may not use consumer ${consumer} on stream ${stream}: allow $JS.API.CONSUMER.INFO.${stream}.${consumer} and $JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  if (cause instanceof errors.NoRespondersError)
    return `JetStream does not answer: is it switched on in the NATS server (\`jetstream {}\`)?`;
  const said = cause instanceof Error ? cause.message : String(cause);
  return `consumer ${consumer} on stream ${stream} cannot be reached (${said}): trying again`;
}
