import type { DedicatedConnection } from '@bellhop/postgres';
import { readStreams } from '../sql/read-streams.js';
import { rememberStream } from '../sql/remember-stream.js';
import { reopenLedger } from '../sql/reopen-ledger.js';
import type { ConsumerBlueprint, InspectedStream, Rollback, StreamInspector } from './ports.js';
import { survivingEnd } from './surviving-end.js';

/** A stream can lose its end without our connection being lost, when another server of a cluster takes over. */
const CHECK_EVERY_MS = 30_000;
/** While a stream of ours is missing. */
const CHECK_MISSING_EVERY_MS = 1_000;
const REOPEN_BATCH = 5_000;

export interface RollbackDetectorOptions {
  session: DedicatedConnection;
  inspector: StreamInspector;
  /** Streams to check although no event of this outbox is in them. */
  ownStreams: readonly string[];
  onRollback(rollback: Rollback): void;
}

interface TrackedStream {
  createdAt: string | null;
  toBuild: readonly ConsumerBlueprint[];
  /** Sequence of the newest event that the stream has acknowledged to us; 0 when none is known. */
  sequence: number;
  eventId: string | null;
}

/**
 * Detects that a stream has lost events which it had acknowledged, and repairs it from the ledger. Lives as long as one
 * relay is active. docs/adr/stream-rollback.md explains the signs and the order of the steps.
 */
export class RollbackDetector {
  private readonly known = new Map<string, TrackedStream>();
  private readonly suspected = new Set<string>();
  private seenConnections = -1;
  private checkAt = 0;

  private constructor(private readonly options: RollbackDetectorOptions) {}

  static async load(options: RollbackDetectorOptions): Promise<RollbackDetector> {
    const detector = new RollbackDetector(options);
    await detector.read();
    return detector;
  }

  /** Nothing may be published before {@link check} has returned. */
  get isDue(): boolean {
    const { inspector } = this.options;
    return (
      this.seenConnections !== inspector.connections || this.suspected.size > 0 || performance.now() >= this.checkAt
    );
  }

  /**
   * To be called with every acknowledgement, in the order in which the events were sent.
   * @returns false when the stream assigned a sequence twice: it has lost its end. The event must not be marked then
   */
  recordAck(eventId: string, ack: { stream: string; sequence: number; isDuplicate: boolean }): boolean {
    const known = this.known.get(ack.stream) ?? this.track(ack.stream);
    if (ack.sequence > known.sequence) {
      known.sequence = ack.sequence;
      known.eventId = eventId;
    } else if (!ack.isDuplicate) this.suspected.add(ack.stream);
    return !this.suspected.has(ack.stream);
  }

  /**
   * Checks every stream and repairs those that have lost their end.
   * @throws Error when NATS or Postgres does not reply, or a stream is missing; to be called again then
   */
  async check(): Promise<void> {
    const { connections } = this.options.inspector;
    const streams = new Set([...this.known.keys(), ...this.options.ownStreams]);
    let isAnyMissing = false;
    for (const stream of streams) if (!(await this.checkStream(stream))) isAnyMissing = true;
    this.seenConnections = connections;
    this.checkAt = performance.now() + (isAnyMissing ? CHECK_MISSING_EVERY_MS : CHECK_EVERY_MS);
  }

  /** @returns false when the stream is missing and holds nothing of ours */
  private async checkStream(stream: string): Promise<boolean> {
    const { session, inspector } = this.options;
    const known = this.known.get(stream) ?? this.track(stream);
    let state = await inspector.inspect(stream);
    if (!state && known.sequence > 0) throw new Error(`stream ${stream} is missing: run \`npm run provision\``);
    let signs = state ? await this.signsOf(stream, known, state) : [];
    // In a cluster the replies come from several leaders, and one may lag behind: only signs seen twice count.
    if (signs.length > 0) state = await inspector.inspect(stream);
    if (!state) return false;
    if (signs.length > 0) signs = await this.signsOf(stream, known, state);
    if (signs.length > 0) await this.repair(stream, known, state, signs);
    else if (known.createdAt !== state.createdAt) await rememberStream(session, stream, state.createdAt, []);
    known.createdAt = state.createdAt;
    this.suspected.delete(stream);
    return true;
  }

  private async signsOf(stream: string, known: TrackedStream, state: InspectedStream): Promise<string[]> {
    const { createdAt, sequence, eventId, toBuild } = known;
    const signs: string[] = [];
    if (this.suspected.has(stream)) signs.push('it assigned a sequence twice');
    if (createdAt !== null && createdAt !== state.createdAt) signs.push('it was recreated');
    if (state.lastSequence < sequence) signs.push('it ends before the last acknowledged event');
    else if (sequence >= state.firstSequence) {
      // A missing message was deleted by somebody; only another event in its place is a sign.
      const stored = await this.options.inspector.idAt(stream, sequence);
      if (stored !== null && stored !== eventId) signs.push('it holds another event at the last acknowledged sequence');
    }
    for (const consumer of state.consumers)
      if (consumer.deliveredSequence > state.lastSequence) signs.push(`consumer ${consumer.name} is ahead of it`);
    if (toBuild.length > 0) signs.push('an earlier repair was not finished');
    return signs;
  }

  /** Each step is idempotent, and the signs remain until the last one is done: a crash anywhere leads here again. */
  private async repair(
    stream: string,
    known: TrackedStream,
    state: InspectedStream,
    signs: readonly string[],
  ): Promise<void> {
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

  /** Loads what Postgres remembers of streams that are not tracked yet. */
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

  /** A new stream is checked soon, so that it gets remembered. */
  private track(stream: string): TrackedStream {
    const known: TrackedStream = { createdAt: null, toBuild: [], sequence: 0, eventId: null };
    this.known.set(stream, known);
    this.checkAt = 0;
    return known;
  }
}
