import type { PushServiceName } from './endpoint.js';

/** How long a service that refuses us is left alone: after the first refusal, and at most. */
const REFUSED_MS = { first: 60_000, max: 15 * 60_000 };
/** When the one push that tries a service again has no answer yet. */
const PROBING_MS = 1_000;
const MAX_THROTTLED_MS = 3_600_000;

interface Gate {
  /** On the clock of {@link ServiceGates}. */
  until: number;
  hasAccepted: boolean;
  /** How often the circuit has opened in a row; above 0 it is open, and one push at a time tries whether that is over. */
  openings: number;
  isProbing: boolean;
}

/**
 * Which push services take anything from us now. One that throttles us is left alone as a whole for as long as it says. One that refuses
 * our keys is tried again by a single push, more and more seldom; but only the refusal of a device that it has served before is proof, once
 * it has taken anything: a stranger can register one that answers 403. Each process learns it by itself.
 */
export class ServiceGates {
  private readonly gates = new Map<PushServiceName, Gate>();

  /** @param now milliseconds on a clock that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Null: send now, and tell what came of it. Otherwise how long to wait, in milliseconds. */
  enter(service: PushServiceName): number | null {
    const gate = this.gates.get(service);
    if (!gate) return null;
    const waitMs = Math.ceil(gate.until - this.now());
    if (waitMs > 0) return waitMs;
    if (gate.openings === 0) return null;
    if (gate.isProbing) return PROBING_MS;
    gate.isProbing = true;
    return null;
  }

  accepted(service: PushServiceName): void {
    const gate = this.gateOf(service);
    gate.hasAccepted = true;
    if (gate.isProbing) gate.openings = 0;
    gate.isProbing = false;
  }

  throttled(service: PushServiceName, forMs: number): void {
    const gate = this.gateOf(service);
    gate.until = Math.max(gate.until, this.now() + Math.min(forMs, MAX_THROTTLED_MS));
    gate.isProbing = false;
  }

  /**
   * It refuses our keys.
   * @param wasServed it has taken a push for this device before
   */
  refused(service: PushServiceName, wasServed: boolean): void {
    const gate = this.gateOf(service);
    const isFirst = gate.openings === 0 && (wasServed || !gate.hasAccepted);
    // Those that were under way together open it once.
    if (!isFirst && !gate.isProbing) return;
    gate.until = this.now() + Math.min(REFUSED_MS.first * 2 ** gate.openings, REFUSED_MS.max);
    gate.openings += 1;
    gate.isProbing = false;
  }

  /** Neither taken nor refused: the next one may try. */
  undecided(service: PushServiceName): void {
    this.gateOf(service).isProbing = false;
  }

  private gateOf(service: PushServiceName): Gate {
    const gate = this.gates.get(service) ?? {
      until: 0,
      hasAccepted: false,
      openings: 0,
      isProbing: false,
    };
    this.gates.set(service, gate);
    return gate;
  }
}
