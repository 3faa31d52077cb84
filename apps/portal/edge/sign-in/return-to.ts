/** Where a sign-in ends if nothing else is asked for. */
export const START_PAGE = '/';

const MAX_LENGTH = 2_000;
/** Unreserved characters between single slashes; a query may have escapes as well. No `//`, no backslash, no escape in the path. */
const PAGE = /^\/(?:[\w.~-]+(?:\/[\w.~-]+)*\/?)?(?:\?[\w.~%&=+,:-]*)?(?:#[\w-]*)?$/;

/**
 * The page to return to after a sign-in. Whatever is no plain path of ours becomes the start page, so that a link to our sign-in
 * leads nowhere else.
 */
export function returnTo(asked: unknown): string {
  const isPage = typeof asked === 'string' && asked.length <= MAX_LENGTH && PAGE.test(asked);
  return isPage && !/^\/(api|auth)(\/|$|\?)/.test(asked) ? asked : START_PAGE;
}
