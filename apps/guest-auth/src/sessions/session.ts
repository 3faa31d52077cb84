/** How long a session lasts that nobody uses, and how long one lasts at all. */
export const IDLE_SECONDS = 30 * 60;
export const LONGEST_SECONDS = 8 * 60 * 60;

/** SQL that says whether a session is still one. `$idle` and `$longest` are the places of the two numbers above. */
export function isLive(idle: `$${number}`, longest: `$${number}`): string {
  return `seen_at > now() - make_interval(secs => ${idle}) and created_at > now() - make_interval(secs => ${longest})`;
}
