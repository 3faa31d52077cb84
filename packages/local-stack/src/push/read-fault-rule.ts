import type { PushFaultRule } from './faults.js';

const isText = (value: unknown) => typeof value === 'string';
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
const isOneOf =
  (...names: string[]) =>
  (value: unknown) =>
    names.includes(value as string);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Checks = Record<string, (value: unknown) => boolean>;

const ANSWER: Checks = {
  status: (value) => isCount(value) && (value as number) >= 200 && (value as number) < 600,
  body: () => true,
  retryAfterSeconds: isCount,
  location: isText,
  headers: (value) => isObject(value) && Object.values(value).every(isText),
};

const RULE: Checks = {
  at: isOneOf('arrival', 'before', 'after'),
  answer: (value) =>
    isOneOf('drop', 'hang', 'huge', 'slow')(value) ||
    (isObject(value) && 'status' in value && wrongField(value, ANSWER) === undefined),
  delayMs: isCount,
  byteMs: isCount,
  endpoint: isText,
  request: isCount,
  times: isCount,
};

/** For rules that come by HTTP. @throws Error with a sentence that names the field */
export function readFaultRule(value: unknown): PushFaultRule {
  if (!isObject(value)) throw new Error('A rule is an object.');
  const wrong = wrongField(value, RULE);
  if (wrong !== undefined) throw new Error(`The field \`${wrong}\` of a rule is not known, or has no such value.`);
  return value as PushFaultRule;
}

function wrongField(value: Record<string, unknown>, checks: Checks): string | undefined {
  return Object.entries(value).find(([name, field]) => !checks[name]?.(field))?.[0];
}
