import { z } from 'zod';

/** What the reference table and the error messages say of a setting. */
export interface FieldDocs {
  /** What it is, as the end of the sentence "X is …". */
  description: string;
  example?: string;
  /** For numbers: `seconds`, `bytes`, … */
  unit?: string;
}

export interface UrlFieldOptions extends FieldDocs {
  schemes: readonly [string, ...string[]];
  /** Whether a path is wanted (`database`), tolerated, or refused. Default: tolerated. */
  path?: 'wanted' | 'refused';
  /** Paths are appended to it, and people see it: no credentials, no query, no fragment. */
  isBase?: boolean;
  /** Several may be given, separated by commas. */
  isList?: boolean;
  example: string;
}

/** A URL setting whose mistakes are named without showing the value, since it may hold a password. */
export function urlField({ schemes, path, isBase = false, isList = false, ...docs }: UrlFieldOptions) {
  return z
    .string()
    .superRefine((value, context) => {
      const urls = isList ? value.split(',').map((url) => url.trim()) : [value];
      const problem = urls
        .map((url) => urlProblem(url, schemes, path) ?? (isBase ? baseProblem(url) : null))
        .find((found) => found !== null);
      if (problem) context.addIssue({ code: 'custom', message: `${problem}: write it like ${docs.example}` });
    })
    .meta({ ...docs });
}

function urlProblem(value: string, schemes: readonly string[], path?: 'wanted' | 'refused'): string | null {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return `has no scheme (${listed(schemes)})`;
  if (/\s/.test(value)) return 'contains a space or a line break';
  if (!URL.canParse(value)) return 'is not a URL (special characters in a password must be percent-encoded)';
  const url = new URL(value);
  const scheme = url.protocol.slice(0, -1);
  if (!schemes.includes(scheme)) return `begins with ${scheme}:// but must begin with ${listed(schemes)}`;
  if (url.hostname === '') return 'names no host';
  const hasPath = url.pathname !== '' && url.pathname !== '/';
  if (path === 'wanted' && !hasPath) return 'names no database after the host';
  if (path === 'refused' && (hasPath || url.search !== '' || url.hash !== '')) return 'must end after host and port';
  return null;
}

function baseProblem(value: string): string | null {
  if (/^[^/]*\/\/[^/?#]*@/.test(value)) return 'must have no user or password';
  // Also an empty query or fragment: what is appended would become part of it.
  if (/[?#]/.test(value)) return 'must end after host, port and path';
  return null;
}

function listed(schemes: readonly string[]): string {
  return schemes.map((scheme) => `${scheme}://`).join(' or ');
}
