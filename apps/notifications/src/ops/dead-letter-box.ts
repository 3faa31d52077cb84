import { publisherOf } from '@bellhop/contracts/events';
import { NatsLink, StreamReader } from '@bellhop/jetstream';
import { Injectable } from '@nestjs/common';
import { type DeadLetter, deadLetterOf, eventIdOf } from './dead-letter.js';

/** Concurrent reads. One takes under a millisecond on one machine; over a network, concurrent ones share the round trip. */
const CONCURRENT_READS = 50;

/** How many letters a search for an event reads. */
export const NEWEST_SEARCHED = 500;

/** Reads the dead letters of this service from DEAD_LETTERS, by their sequence. */
@Injectable()
export class DeadLetterBox {
  private readonly reader: StreamReader;

  constructor(link: NatsLink) {
    this.reader = new StreamReader(link, 'DEAD_LETTERS');
  }

  bounds(): Promise<{ first: number; last: number }> {
    return this.reader.bounds();
  }

  /** Null when there is none, or it is of another service. */
  async get(sequence: number): Promise<DeadLetter | null> {
    const message = await this.reader.get(sequence);
    return message && deadLetterOf(message);
  }

  /** The letters that exist among these sequences, in the same order. */
  async getAll(sequences: readonly number[]): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for (let from = 0; from < sequences.length; from += CONCURRENT_READS) {
      const some = sequences.slice(from, from + CONCURRENT_READS).map((sequence) => this.get(sequence));
      letters.push(...(await Promise.all(some)).filter((letter) => letter !== null));
    }
    return letters;
  }

  /**
   * The newest letter that holds the event, among the newest {@link NEWEST_SEARCHED}.
   * @param system null: of any system
   */
  async findEvent(eventId: string, system: string | null): Promise<DeadLetter | null> {
    const { first, last } = await this.bounds();
    const end = Math.max(first, last - NEWEST_SEARCHED + 1);
    for (let to = last; to >= end; to -= CONCURRENT_READS) {
      const letters = await this.getAll(range(Math.max(end, to - CONCURRENT_READS + 1), to));
      const found = letters.findLast(
        (letter) => (system === null || publisherOf(letter.subject) === system) && eventIdOf(letter) === eventId,
      );
      if (found) return found;
    }
    return null;
  }
}

/** Both ends included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from + 1, 0) }, (_, index) => from + index);
}
