const REDIRECTS = 10;

/** A browser without a screen, for specs: keeps cookies by host, as browsers do, and follows redirects by itself. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();
  /** Every `Set-Cookie` that came, in order. */
  readonly received: string[] = [];

  /** One request, no redirect followed. */
  async ask(url: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const jar = this.jarOf(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(cookie && { cookie }) };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) this.keep(jar, line);
    return answer;
  }

  /** Follows redirects to their end. */
  async open(url: string, init: RequestInit = {}): Promise<{ url: string; answer: Response }> {
    let answer = await this.ask(url, init as never);
    let at = url;
    for (let count = 0; count < REDIRECTS && answer.headers.has('location'); count++) {
      await answer.body?.cancel();
      at = new URL(answer.headers.get('location') as string, at).href;
      answer = await this.ask(at);
    }
    return { url: at, answer };
  }

  /** Signs in at the portal by picking somebody on the page of the local provider. Returns where it ended. */
  async signIn(origin: string, person: string, returnTo = '/'): Promise<{ url: string; answer: Response }> {
    const page = await this.open(`${origin}/auth/sign-in?return_to=${encodeURIComponent(returnTo)}`);
    if (!page.url.includes('/interaction/')) return page;
    await page.answer.body?.cancel();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.open(page.url, { method: 'POST', headers, body: `person=${person}` });
  }

  cookiesOf(url: string): ReadonlyMap<string, string> {
    return this.jarOf(url);
  }

  /** A second tab or window with the same cookies, which from now on goes its own way: it has not seen the next answers yet. */
  copy(): Browser {
    const other = new Browser();
    for (const [host, jar] of this.jars) other.jars.set(host, new Map(jar));
    return other;
  }

  private jarOf(url: string): Map<string, string> {
    const { hostname } = new URL(url);
    const jar = this.jars.get(hostname) ?? new Map<string, string>();
    this.jars.set(hostname, jar);
    return jar;
  }

  private keep(jar: Map<string, string>, line: string): void {
    this.received.push(line);
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) as unknown as [string, string, string];
    const isGone = /;\s*max-age=0\b/i.test(line) || /;\s*expires=Thu, 01 Jan 1970/i.test(line);
    if (isGone) jar.delete(name);
    else jar.set(name, value);
  }
}
