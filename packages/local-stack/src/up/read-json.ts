import { existsSync, readFileSync } from 'node:fs';

/** What an earlier run has written; `otherwise` if there is no file, or it is incomplete. */
export function readJson<T>(file: string, otherwise: T): T {
  if (!existsSync(file)) return otherwise;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return otherwise;
  }
}
