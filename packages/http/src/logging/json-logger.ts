import { maskSecrets } from './mask-secrets.js';
import { RepeatedLines } from './repeated-lines.js';

export type LogLevelName = 'debug' | 'info' | 'warn' | 'error';

const LEVELS: readonly LogLevelName[] = ['debug', 'info', 'warn', 'error'];

/** Nest logs every module and route that it finds; that is for debugging. */
const CHATTY_CONTEXTS = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
  'NestMicroservice',
]);

/** Fields of one line: names in camel case, durations ending in `Ms`; never a secret, an address or a ticket's text. */
export type LogFields = Record<string, unknown>;

/** What parts of a process write to: a `JsonLogger`, or a logger of Nest, which adds the name of the part as `context`. */
export interface Log {
  debug(line: LogFields): void;
  log(line: LogFields): void;
  warn(line: LogFields): void;
  error(line: LogFields): void;
  fatal(line: LogFields): void;
}

export interface JsonLoggerOptions {
  level?: LogLevelName;
  write?: (line: string) => void;
}

/**
 * Writes one JSON object per line: `time`, `level`, `service`, `message`, then the fields of the call.
 * `logger.log('ticket filed', { ticketId })`, `logger.error('relay stopped', error)`. Nest's own lines come through it too.
 * A repeated warning or error is written once a minute, with `repeated`.
 */
export function jsonLogger(service: string, options: JsonLoggerOptions = {}): JsonLogger {
  return new JsonLogger(service, options);
}

export class JsonLogger implements Log {
  private readonly least: number;
  private readonly repeated: RepeatedLines;
  private readonly write: (line: string) => void;

  constructor(
    private readonly service: string,
    { level = 'info', write = (line) => process.stdout.write(line) }: JsonLoggerOptions = {},
  ) {
    this.least = LEVELS.indexOf(level);
    this.write = write;
    this.repeated = new RepeatedLines((body, repeated) => this.writeNow(withRepeated(body, repeated)));
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.line('info', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.line('warn', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.line('error', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.line('error', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.line('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.line('debug', message, rest);
  }

  private line(level: LogLevelName, message: unknown, rest: unknown[]): void {
    // Lines below the level end here, before they cost anything.
    if (LEVELS.indexOf(level) < this.least) return;
    const fields = fieldsOf(message, rest);
    const actual = level === 'info' && CHATTY_CONTEXTS.has(String(fields.context)) ? 'debug' : level;
    if (LEVELS.indexOf(actual) < this.least) return;
    const body = toJson({ level: actual, service: this.service, ...fields });
    const isTrouble = actual === 'warn' || actual === 'error';
    if (!isTrouble || this.repeated.isNews(body)) this.writeNow(body);
  }

  private writeNow(body: string): void {
    this.write(`{"time":"${new Date().toISOString()}",${body.slice(1)}\n`);
  }
}

function toJson(entry: LogFields): string {
  try {
    return JSON.stringify(entry, (_, value) => (typeof value === 'string' ? maskSecrets(value) : plain(value)));
  } catch {
    // Circular, or a getter that throws: a line with less is better than a crash.
    const { level, service, message } = entry;
    return JSON.stringify({ level, service, message: maskSecrets(String(message)), isIncomplete: true });
  }
}

function withRepeated(body: string, repeated: number): string {
  return `${body.slice(0, -1)},"repeated":${repeated}}`;
}

/** Nest passes `(message, ...anything, context)`, we pass `(message, fields)` or `(message, error)`. */
function fieldsOf(message: unknown, rest: unknown[]): LogFields {
  const fields: LogFields = {};
  if (message instanceof Error) Object.assign(fields, { message: message.message, error: message });
  else if (typeof message === 'object' && message !== null) Object.assign(fields, { message: '' }, message);
  else fields.message = String(message);
  for (const part of rest) {
    if (part instanceof Error) fields.error = part;
    else if (typeof part === 'object' && part !== null) Object.assign(fields, part);
    else if (typeof part === 'string' && part.includes('\n    at ')) fields.stack = part;
    else if (typeof part === 'string') fields.context = part;
  }
  return fields;
}

/** An error's message and code tell the cause; its other properties may hold query parameters, so they stay out. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  const code = (value as { code?: unknown }).code;
  return { name, message, ...(code === undefined ? {} : { code }), stack, ...(cause === undefined ? {} : { cause }) };
}
