/**
 * Cookies of a guest's browser. `__Host-` has the browser refuse any that are not `Secure`, have a `Domain`, or another `Path`
 * than `/` (RFC 6265bis §4.1.3.2): no neighbour of ours can set them. Both are `HttpOnly`.
 */

/** The guest's session, set by `guest-auth` when a code was right. */
export const GUEST_SESSION_COOKIE = '__Host-bellhop-guest';

/** Which browser this is, set by whichever service sees none. A code works in the browser that asked for it. */
export const BROWSER_COOKIE = '__Host-bellhop-browser';
