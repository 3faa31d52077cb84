import type { AttachmentView } from '@bellhop/contracts/http';
import { useMutation } from '@tanstack/react-query';
import { ApiProblem, call } from '../../shared/api.js';
import { codeOf } from '../../shared/problem-words.js';
import type { Category } from './categories.js';

export interface Filed {
  id: string;
  number: string;
  /** When a guest has to prove the address first. */
  challengeId?: string;
}

export interface Filing {
  key: string;
  category: Category;
  subject: string;
  body: string;
  files: readonly AttachmentView[];
  guest: { email: string; locale: string } | null;
}

/** Files a ticket; the same key again files no second one. */
export function useFiling(onFiled: (filed: Filed, email: string | null) => void) {
  return useMutation({
    mutationFn: ({ key, files, guest, ...ticket }: Filing) => {
      const body = { ...ticket, attachmentIds: files.map(({ id }) => id), ...(guest ? { guest } : {}) };
      const post = (idempotencyKey: string) => call<Filed>('/api/tickets', { method: 'POST', body, idempotencyKey });
      // The text was changed after a try that nobody knows the end of: this is another one.
      return post(key).catch((error) =>
        codeOf(error) === 'idempotency_key_reused' ? post(crypto.randomUUID()) : Promise.reject(error),
      );
    },
    onSuccess: (filed, { guest }) => onFiled(filed, guest?.email ?? null),
  });
}

/** What the service says is wrong with a field: `guest.email`. */
export function fieldsOf(error: unknown): ReadonlySet<string> {
  return new Set(error instanceof ApiProblem ? error.errors.map(({ path }) => path) : []);
}
