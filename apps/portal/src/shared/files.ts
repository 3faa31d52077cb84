import { ATTACHMENT_TYPES, MAX_ATTACHMENT_BYTES } from '@bellhop/contracts/constants';

/** Of files that the service takes; it looks at the bytes, we can only look at the name. */
const EXTENSIONS: readonly string[] = Object.values(ATTACHMENT_TYPES).flat();
const allowed = new Set(EXTENSIONS);

/** For `accept`: without HEIC, so that a phone hands over a JPEG, which everybody can open. */
export const ACCEPTED = EXTENSIONS.filter((extension) => !/^hei[cf]$|^hif$/.test(extension))
  .map((extension) => `.${extension}`)
  .join(',');

export type FileProblem = 'file.empty' | 'file.tooLarge' | 'file.type';

/** What is wrong with a file, before it is sent; null: nothing that can be seen from here. */
export function fileProblem({ name, size }: { name: string; size: number }): FileProblem | null {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase();
  if (!extension || !allowed.has(extension)) return 'file.type';
  if (size === 0) return 'file.empty';
  return size > MAX_ATTACHMENT_BYTES ? 'file.tooLarge' : null;
}

/** `212 kB`, `3.4 MB`, as the reader's language writes it. */
export function fileSize(bytes: number, locale: string): string {
  const [unit, value] =
    bytes < 1_000_000 ? (['kilobyte', bytes / 1_000] as const) : (['megabyte', bytes / 1_000_000] as const);
  const digits = unit === 'megabyte' && value < 10 ? 1 : 0;
  const shown = unit === 'kilobyte' ? Math.max(1, value) : value;
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: digits }).format(shown);
}
