import type { z } from 'zod';
import { ConfigError } from './config.errors.js';
import { fieldDocs } from './describe-config.js';

type Environment = Record<string, string | undefined>;

/**
 * Reads an app's settings from the environment. An empty value counts as missing, because that is what
 * `NAME=` in a compose file or a shell means.
 *
 * @throws ConfigError naming every setting that is missing or unusable at once; it never holds a value
 */
export function parseConfig<S extends z.ZodType>(schema: S, env: Environment = process.env): z.output<S> {
  const given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => problemOf(schema, given, issue)));
}

function problemOf(schema: z.ZodType, given: Environment, issue: z.core.$ZodIssue): string {
  const name = issue.path.map(String).join('.');
  if (name === '') return issue.message;
  // A missing setting has a message of its own only from a rule about several settings.
  if (given[name] !== undefined || issue.code === 'custom') return `${name} ${sentence(issue)}`;
  const { description, example } = fieldDocs(schema, name);
  return [`${name} is missing`, description && `: ${description}`, example && `, for example ${example}`]
    .filter(Boolean)
    .join('');
}

/** Zod's own messages name types and limits, never the value; ours begin with a verb already. */
function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  return /^(is|has|must|begins|contains|names|needs|holds) /.test(issue.message)
    ? issue.message
    : `cannot be used: ${issue.message}`;
}
