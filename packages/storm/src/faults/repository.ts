/** The repository's root, as a URL that ends in a slash. The same distance from `src/faults` and from `dist/faults`. */
export const REPOSITORY = new URL('../../../../', import.meta.url);
