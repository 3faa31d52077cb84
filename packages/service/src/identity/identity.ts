/** Who makes a request, as the OpenID provider's token says. Nothing else is believed. */
export interface Identity {
  /** `sub`: stable for ever, unique at the provider. */
  subject: string;
  /** Only if the provider does not say that it is unverified. */
  email?: string;
  locale?: string;
  /** IANA name from the claim `zoneinfo`. */
  timezone?: string;
  roles: string[];
}

/** Reads the claims of a token whose signature was already checked. */
export function identityOf(claims: Record<string, unknown>): Identity {
  const { sub, email, email_verified, locale, zoneinfo, roles } = claims;
  return {
    subject: String(sub),
    ...(typeof email === 'string' && email_verified !== false ? { email } : {}),
    ...(typeof locale === 'string' ? { locale } : {}),
    ...(typeof zoneinfo === 'string' ? { timezone: zoneinfo } : {}),
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
  };
}
