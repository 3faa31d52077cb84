import { randomUUID } from 'node:crypto';

export interface BrowserAnswer {
  readonly status: number;
  /** The JSON of the answer; an empty object without any. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape that it asks for
  readonly body: any;
  readonly headers: Headers;
}

export interface Asking {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser with its own cookies and its own IP address. */
export class Browser {
  readonly cookies = new Map<string, string>();

  /** @param address its IP address, as the proxy in front of the services forwards it */
  constructor(readonly address = '198.51.100.7') {}

  /** Sends a `FormData` body unchanged, any other as JSON. */
  async ask(method: string, url: string, { body, headers = {} }: Asking = {}): Promise<BrowserAnswer> {
    const isForm = body instanceof FormData;
    const response = await fetch(url, {
      method,
      headers: {
        'x-forwarded-for': this.address,
        ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
        ...(this.cookies.size > 0 && { cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') }),
        ...headers,
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: isJson ? JSON.parse(text) : {}, headers: response.headers };
  }

  /** Like `ask`, but throws unless the answer is 2xx. */
  async must(method: string, url: string, asking: Asking = {}): Promise<BrowserAnswer['body']> {
    const { status, body } = await this.ask(method, url, asking);
    if (status < 200 || status > 299) throw new Error(`${method} ${url} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  private keep(line: string): void {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === '' || /max-age=0\b/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
