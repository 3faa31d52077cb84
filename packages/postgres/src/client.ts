import pg from 'pg';
import { arrayText } from './array-text.js';

type Query = (config: unknown, values?: unknown, callback?: unknown) => unknown;

/** A client of `pg` that writes arrays among the values by {@link arrayText}, and survives the loss of an idle connection. */
export class PostgresClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // On its way between the pool and its user a client has no 'error' listener; without this one, a server that ends the
    // connection at that moment would crash the process. The next query reports the loss.
    this.on('error', () => undefined);
  }

  override query: pg.Client['query'] = ((config: unknown, values?: unknown, callback?: unknown) => {
    const query = super.query as Query;
    if (hasValues(config)) return query.call(this, { ...config, values: withArrays(config.values) }, values, callback);
    return query.call(this, config, Array.isArray(values) ? withArrays(values) : values, callback);
  }) as pg.Client['query'];
}

/** `{ text, values }`; a query object of another kind (`submit`) goes as it is. */
function hasValues(config: unknown): config is { values: unknown[] } {
  return typeof config === 'object' && config !== null && !('submit' in config) && 'values' in config
    ? Array.isArray(config.values)
    : false;
}

function withArrays(values: unknown[]): unknown[] {
  return values.map((value) => (Array.isArray(value) ? (arrayText(value) ?? value) : value));
}
