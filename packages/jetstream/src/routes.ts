/**
 * Does a subject match a pattern? `*` is one token, `>` is one or more at the end:
 * https://docs.nats.io/nats-concepts/subjects#wildcards
 */
export function matches(pattern: string, subject: string): boolean {
  return matchTokens(pattern.split('.'), subject.split('.'));
}

function matchTokens(pattern: readonly string[], subject: readonly string[]): boolean {
  for (const [index, token] of pattern.entries()) {
    if (token === '>' && index === pattern.length - 1) return subject.length > index;
    if (index >= subject.length || (token !== '*' && token !== subject[index])) return false;
  }
  return pattern.length === subject.length;
}

/** Patterns with what is called for them. Nest looks patterns up by exact string, which knows no wildcards. */
export class Routes<H> {
  private readonly routes: { pattern: string; tokens: string[]; handler: H }[] = [];

  add(pattern: string, handler: H): void {
    this.routes.push({ pattern, tokens: pattern.split('.'), handler });
  }

  /** Every handler whose pattern matches, in the order they were added. */
  match(subject: string): H[] {
    const tokens = subject.split('.');
    return this.routes.filter((route) => matchTokens(route.tokens, tokens)).map((route) => route.handler);
  }

  get patterns(): string[] {
    return [...new Set(this.routes.map((route) => route.pattern))];
  }
}
