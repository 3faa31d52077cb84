import type { DedicatedConnection } from '@bellhop/postgres';
import { readStreams } from '../sql/read-streams.js';
import { rememberStream } from '../sql/remember-stream.js';
import { reopenLedger } from '../sql/reopen-ledger.js';
import type { ConsumerBlueprint, InspectedStream, Rollback, StreamInspector } from './ports.js';
import { survivingEnd } from './surviving-end.js';

/** A stream can lose its end without our connection being lost, when another server of a cluster takes over. */
const LOOK_AGAIN_MS = 30_000;
/** A stream of ours that is missing is looked for more often. */
const MISSING_AGAIN_MS = 1_000;
const REOPEN_BATCH = 5_000;

export interface StreamGuardOptions {
  session: DedicatedConnection;
  inspector: StreamInspector;
  /** Streams to look after although no event of this outbox is in them. */
  ownStreams: readonly string[];
  onRollback(rollback: Rollback): void;
}

interface Known {
  createdAt: string | null;
  toBuild: readonly ConsumerBlueprint[];
  /** The newest event that the stream has acknowledged to us; 0 when none is known. */
  sequence: number;
  eventId: string | null;
}

/**
 * Notices that a stream has lost events which it had acknowledged, and repairs it from the ledger. Lives as long as one
 * relay is active. docs/adr/stream-rollback.md tells of the signs and of the order of the steps.
 */
export class StreamGuard {
  private readonly known = new Map<string, Known>();
  private readonly suspected = new Set<string>();
  private seenConnections = -1;
  private lookAgainAt = 0;

  private constructor(private readonly options: StreamGuardOptions) {}

  static async begin(options: StreamGuardOptions): Promise<StreamGuard> {
    const guard = new StreamGuard(options);
    await guard.read();
    return guard;
  }

  /** Nothing may be published before {@link look} has returned. */
  get isDue(): boolean {
    const { inspector } = this.options;
    return (
      this.seenConnections !== inspector.connections || this.suspected.size > 0 || performance.now() >= this.lookAgainAt
    );
  }

  /**
   * Hears every acknowledgement, in the order in which the events were sent.
   * @returns false when the stream gave a sequence again that it had given before: it has lost its end. The event
   * must not be marked then
   */
  hear(eventId: string, ack: { stream: string; sequence: number; isDuplicate: boolean }): boolean {
    const known = this.known.get(ack.stream) ?? this.meet(ack.stream);
    if (ack.sequence > known.sequence) {
      known.sequence = ack.sequence;
      known.eventId = eventId;
    } else if (!ack.isDuplicate) this.suspected.add(ack.stream);
    return !this.suspected.has(ack.stream);
  }

  /**
   * Looks at every stream and repairs what has lost its end.
   * @throws Error when NATS or Postgres does not answer, or a stream is missing; to be called again then
   */
  async look(): Promise<void> {
    const { connections } = this.options.inspector;
    const streams = new Set([...this.known.keys(), ...this.options.ownStreams]);
    let isAllThere = true;
    for (const stream of streams) if (!(await this.lookAt(stream))) isAllThere = false;
    this.seenConnections = connections;
    this.lookAgainAt = performance.now() + (isAllThere ? LOOK_AGAIN_MS : MISSING_AGAIN_MS);
  }

  /** @returns false when the stream is missing and holds nothing of ours */
  private async lookAt(stream: string): Promise<boolean> {
    const { session, inspector } = this.options;
    const known = this.known.get(stream) ?? this.meet(stream);
    let state = await inspector.inspect(stream);
    if (!state && known.sequence > 0) throw new Error(`stream ${stream} is missing: run \`npm run provision\``);
    let signs = state ? await this.signsOf(stream, known, state) : [];
    // In a cluster the answers come from several leaders, and one may be behind: only what is seen twice is repaired.
    if (signs.length > 0) state = await inspector.inspect(stream);
    if (!state) return false;
    if (signs.length > 0) signs = await this.signsOf(stream, known, state);
    if (signs.length > 0) await this.repair(stream, known, state, signs);
    else if (known.createdAt !== state.createdAt) await rememberStream(session, stream, state.createdAt, []);
    known.createdAt = state.createdAt;
    this.suspected.delete(stream);
    return true;
  }

  private async signsOf(stream: string, known: Known, state: InspectedStream): Promise<string[]> {
    const { createdAt, sequence, eventId, toBuild } = known;
    const signs: string[] = [];
    if (this.suspected.has(stream)) signs.push('it gave a sequence again');
    if (createdAt !== null && createdAt !== state.createdAt) signs.push('it was made anew');
    if (state.lastSequence < sequence) signs.push('it ends before what it has acknowledged');
    else if (sequence >= state.firstSequence) {
      // One that is gone was deleted by somebody; only another one in its place is a sign.
      const stored = await this.options.inspector.idAt(stream, sequence);
      if (stored !== null && stored !== eventId) signs.push('it holds another event where it has acknowledged ours');
    }
    for (const consumer of state.consumers)
      if (consumer.deliveredSequence > state.lastSequence) signs.push(`consumer ${consumer.name} stands ahead of it`);
    if (toBuild.length > 0) signs.push('its repair was not finished');
    return signs;
  }

  /** Each step can be repeated, and until the last one is done the signs stay: a crash anywhere leads here again. */
  private async repair(stream: string, known: Known, state: InspectedStream, signs: readonly string[]): Promise<void> {
    const { session, inspector } = this.options;
    // failpoint: rollback.detected
    const isOther = known.createdAt !== null && known.createdAt !== state.createdAt;
    const ledgerEnd = await survivingEnd(session, inspector, stream, state, isOther);
    const end = ledgerEnd ?? state.lastSequence;
    const ahead = state.consumers.filter((consumer) => consumer.deliveredSequence > end);
    const toBuild = new Map(known.toBuild.map((blueprint) => [blueprint.durable_name, blueprint]));
    for (const { blueprint } of ahead) toBuild.set(blueprint.durable_name, blueprint);
    const blueprints = [...toBuild.values()];
    if (blueprints.length > 0) await rememberStream(session, stream, null, blueprints);
    known.toBuild = blueprints;
    await inspector.rebuildConsumers(stream, end, blueprints);
    // failpoint: rollback.rebuilt
    const reopened = ledgerEnd === null ? 0 : await this.reopen(stream, end);
    // failpoint: rollback.reopened
    await rememberStream(session, stream, state.createdAt, []);
    this.options.onRollback({ stream, signs, from: known.sequence, to: end, reopened, consumers: [...toBuild.keys()] });
    this.known.delete(stream);
    await this.read();
  }

  private async reopen(stream: string, end: number): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await reopenLedger(this.options.session, stream, end, REOPEN_BATCH);
      total += count;
      if (count < REOPEN_BATCH) return total;
    }
  }

  /** What Postgres knows of streams that this guard has not met. */
  private async read(): Promise<void> {
    for (const row of await readStreams(this.options.session)) {
      if (this.known.has(row.stream)) continue;
      this.known.set(row.stream, {
        createdAt: row.stream_created_at,
        toBuild: row.consumers_to_build as ConsumerBlueprint[],
        sequence: Number(row.sequence ?? 0),
        eventId: row.event_id,
      });
    }
  }

  /** A stream of which nothing is remembered yet is looked at soon, so that it will be. */
  private meet(stream: string): Known {
    const known: Known = { createdAt: null, toBuild: [], sequence: 0, eventId: null };
    this.known.set(stream, known);
    this.lookAgainAt = 0;
    return known;
  }
}
