/** Longer texts are cut: nobody reads them in a log, and masking them must not block the process. */
const MAX_LENGTH = 8_000;

/**
 * The last safeguard of every log line: masks what looks like a credential or an e-mail address, because errors of drivers and mail
 * servers quote both. Code must not log them in the first place. Every repetition in the patterns is bounded, so that no text makes the
 * search slow.
 */
export function maskSecrets(text: string): string {
  const short = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}… (${text.length} characters)` : text;
  return short
    .replace(/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"']{1,500}@/gi, '$1***@')
    .replace(/\b(Bearer|Basic)\s{1,5}[A-Za-z0-9._~+/=-]+/g, '$1 ***')
    .replace(/\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*)?/g, '***')
    .replace(/[^\s<>"'(),;:@/\\]{1,64}@(?=[^\s<>"'(),;:@/\\]{1,250}\.[a-z]{2,})/gi, '***@');
}
