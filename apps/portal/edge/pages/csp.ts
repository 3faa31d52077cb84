/**
 * What our pages may load and do: nothing but what this origin serves, no script or style inside the HTML, and no frame around them.
 * Forms may lead to the OpenID provider as well.
 *
 * @param issuer the provider's address
 */
export function contentSecurityPolicy(issuer: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "font-src 'self'",
    `form-action 'self' ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
