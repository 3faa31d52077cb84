import type { Page } from '@bellhop/contracts/http';
import { usageError } from './cli.errors.js';
import { type Options, textOf } from './command.js';

const MAX_PAGE = 100;

/** Follows `next` until `limit` items are read or none are left. Pages may be short, even empty. */
export async function readPages<T>(
  limit: number,
  read: (page: { limit: number; cursor: string | undefined }) => Promise<Page<T>>,
): Promise<Page<T>> {
  const items: T[] = [];
  let next: string | null | undefined;
  do {
    const page = await read({ limit: Math.min(limit - items.length, MAX_PAGE), cursor: next ?? undefined });
    items.push(...page.items);
    next = page.next;
  } while (next !== null && items.length < limit);
  return { items, next };
}

/** A whole number above zero, if the option is given. */
export function numberOf(options: Options, name: string): number | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usageError(`--${name} must be a whole number above 0.`);
  return Number(text);
}
