import { AUDIT_REASON_HEADER, IDEMPOTENCY_KEY_HEADER, type ProblemDocument } from '@bellhop/contracts/http';
import { answerOf } from './answer.js';
import { CliError, EXIT } from './cli.errors.js';
import type { Session } from './session.js';

type Query = Record<string, string | number | undefined>;

/** Calls the operators' routes of `notifications`. */
export class Client {
  /** @param why the reason, for the audit */
  constructor(
    private readonly session: Session,
    private readonly why?: string,
  ) {}

  get<T>(path: string, query: Query = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    return this.send<T>('GET', search.size === 0 ? path : `${path}?${search}`);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('POST', path, body);
  }

  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = {
      authorization: `Bearer ${this.session.token}`,
      ...(this.why === undefined ? {} : { [AUDIT_REASON_HEADER]: encodeURIComponent(this.why) }),
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', [IDEMPOTENCY_KEY_HEADER]: crypto.randomUUID() }),
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const { status, content } = await answerOf(`${this.session.url.replace(/\/$/, '')}${path}`, init);
    if (status < 300 && content !== undefined) return content as T;
    throw refusal(status, content as ProblemDocument | undefined);
  }
}

function refusal(status: number, problem: ProblemDocument | undefined): CliError {
  if (!problem?.code) {
    const message = `The service answered ${status} in a form that Bellhop does not use: is BELLHOP_URL right?`;
    return new CliError(EXIT.unreachable, message);
  }
  const isStranger = status === 401 || status === 403;
  const advice = isStranger ? ' Set BELLHOP_TOKEN to a fresh access token of somebody with the role operator.' : '';
  const isAway = status >= 502 || status === 503;
  const message = `${problem.title}. ${problem.detail ?? ''}${advice}`.trim();
  return new CliError(isStranger || isAway ? EXIT.unreachable : EXIT.refused, message, problem);
}
