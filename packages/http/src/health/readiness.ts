import { setTimeout as sleep } from 'node:timers/promises';

const SEEN_AFTER_MS = 500;

/** Returns null when all is well, else a sentence: what is missing, and what to do. */
export type Problematic = () => string | null | Promise<string | null>;

export interface MissingPart {
  name: string;
  problem: string;
}

/** What this process needs to be useful. `/readyz` reads it; parts register themselves at start. */
export class Readiness {
  private readonly parts = new Map<string, Problematic>();
  private readonly lesser = new Map<string, Problematic>();
  private readonly switchedOff: MissingPart[] = [];
  private isStopping = false;

  add(name: string, problem: Problematic): void {
    this.parts.set(name, problem);
  }

  /** A part without which this process is degraded and still useful: its problem is reported, and the process stays ready. */
  addLesser(name: string, problem: Problematic): void {
    this.lesser.set(name, problem);
  }

  /** A part that the configuration leaves out: told, and nothing is wrong. */
  addOff(name: string, problem: string): void {
    this.switchedOff.push({ name, problem });
  }

  /** What the configuration leaves out. */
  get off(): readonly MissingPart[] {
    return this.switchedOff;
  }

  /** Not ready from now on, so that no more work is sent here. Resolves when pollers have had time to see it. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await sleep(SEEN_AFTER_MS);
  }

  async missing(): Promise<MissingPart[]> {
    if (this.isStopping) return [{ name: 'process', problem: 'It is shutting down.' }];
    return problemsOf(this.parts);
  }

  /** What is missing without making this process useless. */
  degraded(): Promise<MissingPart[]> {
    return problemsOf(this.lesser);
  }

  /** The names of all lesser parts, healthy or not. */
  get lesserNames(): string[] {
    return [...this.lesser.keys()];
  }
}

async function problemsOf(parts: ReadonlyMap<string, Problematic>): Promise<MissingPart[]> {
  const answers = await Promise.all(
    [...parts].map(async ([name, problem]) => ({ name, problem: await answerOf(problem) })),
  );
  return answers.filter((answer): answer is MissingPart => answer.problem !== null);
}

async function answerOf(problem: Problematic): Promise<string | null> {
  try {
    return await problem();
  } catch (error) {
    return `Its state is unknown: ${error instanceof Error ? error.message : String(error)}`;
  }
}
