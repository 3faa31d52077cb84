import { existsSync, readFileSync } from 'node:fs';

/** What an earlier run wrote down; `otherwise` if it did not, or was killed in the middle of it. */
export function readJson<T>(file: string, otherwise: T): T {
  if (!existsSync(file)) return otherwise;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return otherwise;
  }
}
