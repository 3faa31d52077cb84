import { BROWSER_COOKIE, GUEST_SESSION_COOKIE } from '@bellhop/contracts/http';

export interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows which answer it asked for, and checks it
  readonly body: any;
  readonly headers: Headers;
  readonly ms: number;
}

interface Sending {
  readonly headers?: Record<string, string>;
  /** `Idempotency-Key`. */
  readonly key?: string;
}

/** One browser: it keeps its cookies, and has a network of its own if the app trusts the proxy. */
export class GuestBrowser {
  readonly cookies = new Map<string, string>();

  constructor(
    private readonly url: string,
    readonly address = `198.18.${number()}.${number()}`,
  ) {}

  /** The same browser, connected to another replica. */
  at(url: string): GuestBrowser {
    const other = new GuestBrowser(url, this.address);
    for (const [name, value] of this.cookies) other.cookies.set(name, value);
    return other;
  }

  get session(): string | undefined {
    return this.cookies.get(GUEST_SESSION_COOKIE);
  }

  get token(): string | undefined {
    return this.cookies.get(BROWSER_COOKIE);
  }

  async send(method: string, path: string, body?: unknown, { headers = {}, key }: Sending = {}): Promise<Reply> {
    const startedAt = performance.now();
    const response = await fetch(this.url + path, {
      method,
      headers: {
        'x-forwarded-for': this.address,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(this.cookies.size > 0 && { cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') }),
        ...(key && { 'idempotency-key': key }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    this.keep(response.headers.getSetCookie());
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const ms = performance.now() - startedAt;
    return {
      status: response.status,
      body: isJson && text !== '' ? JSON.parse(text) : text,
      headers: response.headers,
      ms,
    };
  }

  open(link: unknown, sending?: Sending): Promise<Reply> {
    return this.send('POST', '/guest/challenges', { link }, sending);
  }

  verify(challengeId: string, code: unknown, sending?: Sending): Promise<Reply> {
    return this.send('POST', `/guest/challenges/${challengeId}/verification`, { code }, sending);
  }

  private keep(setCookies: readonly string[]): void {
    for (const cookie of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/expires=thu, 01 jan 1970/i.test(cookie)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

function number(): number {
  return Math.floor(Math.random() * 254) + 1;
}

/** Another code. */
export function wrong(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0');
}
