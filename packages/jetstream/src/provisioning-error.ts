import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';

export type ProvisioningErrorCode =
  /** What exists differs in a way that would lose data to change. A person decides. */
  | 'would_destroy'
  /** Its owner has not been provisioned yet, and may be at this moment. */
  | 'stream_missing'
  | 'not_permitted'
  | 'no_jetstream'
  | 'no_room'
  | 'refused'
  | 'no_answer';

/** Why a stream or consumer is not as planned, and what to do about it. */
export class ProvisioningError extends Error {
  constructor(
    readonly code: ProvisioningErrorCode,
    /** `stream TICKETS`, `consumer notifications on stream TICKETS` */
    readonly what: string,
    message: string,
    readonly serverCode?: number,
    options?: { cause?: unknown },
  ) {
    super(`${what}: ${message}`, options);
    this.name = 'ProvisioningError';
  }
}

// Numbers from nats-server's server/errors.json.
const NO_STORAGE = [10_023, 10_028, 10_047];
const SUBJECTS_OVERLAP = 10_065;
const TOO_FEW_SERVERS = [10_005, 10_074];
const STREAM_MISSING = 10_059;
const NOT_ENABLED = [10_039, 10_076];

/** Turns whatever the JetStream API threw into a sentence that says what to do. */
export function provisioningErrorOf(what: string, thrown: unknown): ProvisioningError {
  if (thrown instanceof ProvisioningError) return thrown;
  const make = (code: ProvisioningErrorCode, message: string, serverCode?: number) =>
    new ProvisioningError(code, what, message, serverCode, { cause: thrown });
  if (thrown instanceof JetStreamApiError) return fromServer(thrown, make);
  if (thrown instanceof errors.InvalidArgumentError)
    return make('refused', `this nats-server is too old for it, or the plan is wrong (${thrown.message})`);
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  if (cause instanceof errors.PermissionViolationError)
    return make('not_permitted', `this NATS user may not do that (${cause.subject}): use the provisioner's NATS_URL`);
  if (cause instanceof errors.NoRespondersError)
    return make('no_jetstream', 'JetStream does not answer: switch it on in the NATS server (`jetstream {}`)');
  return make('no_answer', `NATS gave no answer (${String(cause)}): is the server up, and does it have a leader?`);
}

function fromServer(
  error: JetStreamApiError,
  make: (code: ProvisioningErrorCode, message: string, serverCode?: number) => ProvisioningError,
): ProvisioningError {
  const said = `${error.message} (${error.code})`;
  if (NO_STORAGE.includes(error.code))
    return make(
      'no_room',
      `the server has less room than the streams reserve: ${said}. Give it more (max_file_store), or plan smaller streams`,
      error.code,
    );
  if (NOT_ENABLED.includes(error.code))
    return make('no_jetstream', `JetStream is not enabled for this account: ${said}`, error.code);
  if (error.code === STREAM_MISSING)
    return make(
      'stream_missing',
      `there is no such stream: ${said}. Provision the service that owns it, too`,
      error.code,
    );
  if (error.code === SUBJECTS_OVERLAP)
    return make(
      'refused',
      `another stream takes these subjects already: ${said}. Remove or rename that one`,
      error.code,
    );
  if (TOO_FEW_SERVERS.includes(error.code))
    return make('refused', `there are fewer servers than copies planned: ${said}. Plan fewer replicas`, error.code);
  return make('refused', `the server refuses it: ${said}`, error.code);
}
