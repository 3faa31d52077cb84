import { NatsLink, StreamReader } from '@bellhop/jetstream';
import { Injectable } from '@nestjs/common';
import { type DeadLetter, deadLetterOf } from './dead-letter.js';

/** Questions on the way at once. One comes back in under a millisecond on one machine; side by side they share the way. */
const SIDE_BY_SIDE = 50;

/** The letters of this service in DEAD_LETTERS, by their sequence. */
@Injectable()
export class DeadLetterBox {
  private readonly reader: StreamReader;

  constructor(link: NatsLink) {
    this.reader = new StreamReader(link, 'DEAD_LETTERS');
  }

  bounds(): Promise<{ first: number; last: number }> {
    return this.reader.bounds();
  }

  /** Null where there is none, or one of another service. */
  async get(sequence: number): Promise<DeadLetter | null> {
    const message = await this.reader.get(sequence);
    return message && deadLetterOf(message);
  }

  /** Those that are there among these sequences, in the order asked for. */
  async getAll(sequences: readonly number[]): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for (let from = 0; from < sequences.length; from += SIDE_BY_SIDE) {
      const some = sequences.slice(from, from + SIDE_BY_SIDE).map((sequence) => this.get(sequence));
      letters.push(...(await Promise.all(some)).filter((letter) => letter !== null));
    }
    return letters;
  }
}
