/** The repository's root, as a URL that ends in a slash. The same distance from `src/faults` and from `dist/faults`. */
export const REPOSITORY = new URL('../../../../', import.meta.url);

/** What the built file is called from the repository's root; null for any other file: sources, other people's packages. */
export function builtFileOf(url: string): string | null {
  if (!url.startsWith(REPOSITORY.href)) return null;
  const path = url.slice(REPOSITORY.href.length);
  return /^(apps|packages)\/[^/]+\/dist\/[^?#]+\.js$/.test(path) ? path : null;
}
