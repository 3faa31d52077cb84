/** How long a session lasts that nobody uses, and how long one lasts at all. */
export const IDLE_SECONDS = 30 * 60;
export const LONGEST_SECONDS = 8 * 60 * 60;

/**
 * SQL that says whether a session is still one. `$idle` and `$longest` are the places of the two numbers above. As differences, which no
 * index knows: by its statistics of a quiet night Postgres would walk through all that are in use, and not look for the one.
 */
export function isLive(idle: `$${number}`, longest: `$${number}`): string {
  return `now() - seen_at < make_interval(secs => ${idle}) and now() - created_at < make_interval(secs => ${longest})`;
}
