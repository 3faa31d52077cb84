/**
 * The last net under every log line: what looks like a credential or an e-mail address is blanked, because errors of
 * drivers and mail servers quote both. Code must not log them in the first place.
 */
export function maskSecrets(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, '$1***@')
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/g, '$1 ***')
    .replace(/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?/g, '***')
    .replace(/[^\s<>"'(),;:@/\\]+@(?=[^\s<>"'(),;:@/\\]+\.[a-z]{2,})/gi, '***@');
}
