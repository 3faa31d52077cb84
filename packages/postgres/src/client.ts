import pg from 'pg';
import { arrayText } from './array-text.js';

const MARK = /^\s*\/\* prepared: (\w+) \*\//;
type Query = (text: unknown, values?: unknown, callback?: unknown) => unknown;

/**
 * Prepares statements that begin with `/* prepared: name *\/`, so that Postgres plans them once for each connection: planning
 * a batch takes it several times as long as the batch itself when that is small. For texts that never change, and that find
 * their rows by index however many there are. Arrays among the values of a text are written by {@link arrayText}.
 */
export class PreparingClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // A server that ends a connection between two of its listeners, as it goes from the pool to its user, must not end the
    // process. Whoever has it hears of that by the next query.
    this.on('error', () => undefined);
  }

  override query: pg.Client['query'] = ((text: unknown, values?: unknown, callback?: unknown) => {
    const name = typeof text === 'string' ? MARK.exec(text)?.[1] : undefined;
    const query = super.query as Query;
    return query.call(this, name === undefined ? text : { name, text }, withArrays(values), callback);
  }) as pg.Client['query'];
}

function withArrays(values: unknown): unknown {
  if (!Array.isArray(values)) return values;
  return values.map((value) => (Array.isArray(value) ? (arrayText(value) ?? value) : value));
}
