/** Longer texts are cut: nobody reads them in a log, and searching them for secrets must not stop the process. */
const MAX_LENGTH = 8_000;

/**
 * The last net under every log line: what looks like a credential or an e-mail address is blanked, because errors of
 * drivers and mail servers quote both. Code must not log them in the first place. Every repetition is bounded, so that
 * no text can make the search slow.
 */
export function maskSecrets(text: string): string {
  const short = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}… (${text.length} characters)` : text;
  return short
    .replace(/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"']{1,500}@/gi, '$1***@')
    .replace(/\b(Bearer|Basic)\s{1,5}[A-Za-z0-9._~+/=-]+/g, '$1 ***')
    .replace(/\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*)?/g, '***')
    .replace(/[^\s<>"'(),;:@/\\]{1,64}@(?=[^\s<>"'(),;:@/\\]{1,250}\.[a-z]{2,})/gi, '***@');
}
