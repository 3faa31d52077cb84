import type { ProblemField } from '@bellhop/contracts/http';
import { invalidRequest, type Problem } from '@bellhop/http';
import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';

/** One issue of a Standard Schema (https://standardschema.dev); zod adds `code`. */
interface Issue {
  message: string;
  path?: ReadonlyArray<PropertyKey | { key: PropertyKey }> | undefined;
  code?: string;
}

/**
 * Checks `@Body({ schema })`, `@Query({ schema })` and `@Param(name, { schema })` with zod. A body that is JSON but not
 * what we asked for is 422; a query or a path is 400. Both name every wrong field.
 */
@Injectable()
export class ValidationPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => new IssuesError(issues as readonly Issue[]) });
  }

  /** Nest would walk through the whole value for `__proto__`, which the parser has refused already (`json-body.ts`). */
  protected override stripProtoKeys(): void {}

  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      throw error instanceof IssuesError ? problemOf(error.issues, metadata) : error;
    }
  }
}

class IssuesError extends Error {
  constructor(readonly issues: readonly Issue[]) {
    super('invalid request');
  }
}

const MAX_ERRORS = 50;

function problemOf(issues: readonly Issue[], { type, data }: ArgumentMetadata): Problem {
  const errors = issues.slice(0, MAX_ERRORS).map((issue) => fieldOf(issue, type === 'body' ? undefined : data));
  const [first] = errors;
  const detail = first && `${first.path === '' ? whole(type) : first.path} ${first.message}`;
  return invalidRequest(type === 'body' ? 422 : 400, errors, detail);
}

function whole(type: ArgumentMetadata['type']): string {
  return type === 'body' ? 'The body' : 'The request';
}

function fieldOf(issue: Issue, parameter: string | undefined): ProblemField {
  const keys = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  return { path: [...(parameter ? [parameter] : []), ...keys].join('.'), message: messageOf(issue) };
}

/** Zod says "expected string, received undefined" of a missing field. */
function messageOf({ message, code }: Issue): string {
  const missing = /^Invalid input: expected (.+), received undefined$/.exec(message);
  if (code === 'invalid_type' && missing) return `is missing (${missing[1]})`;
  return message.replace(/^Invalid input: /, '');
}
