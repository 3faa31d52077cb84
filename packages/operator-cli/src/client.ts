import { AUDIT_REASON_HEADER, type ProblemDocument } from '@bellhop/contracts';
import { CliError, EXIT } from './cli.errors.js';
import type { Session } from './session.js';

const TIMEOUT_MS = 60_000;
/** A request with a key can be sent again without a second effect. */
const TRIES = 3;

type Query = Record<string, string | number | undefined>;

/** Speaks to the operators' routes of `notifications`. */
export class Client {
  /** @param why what the audit keeps as the reason */
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
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await this.reach(`${this.session.url.replace(/\/$/, '')}${path}`, init);
    if (answer.ok) return (await answer.json()) as T;
    throw await refusal(answer);
  }

  private async reach(url: string, init: RequestInit): Promise<Response> {
    for (let tries = 1; ; tries++) {
      try {
        return await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
      } catch (error) {
        if (tries < TRIES) continue;
        const { cause, message } = error as Error;
        const reason = cause instanceof Error ? cause.message || (cause as { code?: string }).code : message;
        throw new CliError(EXIT.unreachable, `${new URL(url).origin} cannot be reached: ${reason}.`);
      }
    }
  }
}

async function refusal(answer: Response): Promise<CliError> {
  const problem = (await answer.json().catch(() => null)) as ProblemDocument | null;
  if (!problem?.code) {
    const message = `The service answered ${answer.status}, and not as Bellhop does: is BELLHOP_URL right?`;
    return new CliError(EXIT.unreachable, message);
  }
  const isStranger = answer.status === 401 || answer.status === 403;
  const advice = isStranger ? ' Set BELLHOP_TOKEN to a fresh access token of somebody with the role operator.' : '';
  const isAway = answer.status >= 502 || answer.status === 503;
  const message = `${problem.title}. ${problem.detail ?? ''}${advice}`.trim();
  return new CliError(isStranger || isAway ? EXIT.unreachable : EXIT.refused, message, problem);
}
