const SAMPLE_MS = 100;
const ROUNDS = 60;
/** About as much memory as our work uses: work that fits the processor's cache would not show the load of other virtual machines. */
const TEXTS = Array.from({ length: 1_500 }, (_, index) =>
  JSON.stringify({
    id: `piece-${index}`,
    at: index,
    person: { id: `person-${index}` },
    text: 'some words '.repeat(30),
  }),
);

/**
 * The speed of the machine: rounds of a fixed piece of work per millisecond of processor time. The speed of a virtual machine changes within
 * minutes, so long measurements are compared with this. It costs a hundredth of a core.
 */
export class Pace {
  private samples: number[] = [];
  private next = 0;
  private readonly timer = setInterval(() => this.samples.push(this.sample()), SAMPLE_MS);

  /** The mean since the last call. */
  take(): number {
    const samples = this.samples.length > 0 ? this.samples : [this.sample()];
    this.samples = [];
    return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private sample(): number {
    const before = process.cpuUsage();
    const pieces = new Map<string, unknown>();
    for (let round = 0; round < ROUNDS; round++) {
      this.next = (this.next + 7) % TEXTS.length;
      const piece = JSON.parse(TEXTS[this.next] as string);
      pieces.set(piece.person.id, { ...piece, round });
    }
    JSON.stringify([...pieces.values()]);
    const { user, system } = process.cpuUsage(before);
    return ROUNDS / ((user + system) / 1_000);
  }
}
