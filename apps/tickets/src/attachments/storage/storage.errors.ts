import type { Trouble } from './attachment-storage.js';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The place where files lie does not do what is asked of it. The message is for the operator. */
export class StorageError extends Error {
  constructor(
    readonly code: Trouble['code'],
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'StorageError';
  }
}

/** What the file system said, as one of ours; anything else as it is. */
export function storageError(error: unknown): unknown {
  const { code, syscall } = Object(error) as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return error;
  if (FULL.has(code))
    return new StorageError('storage_full', `There is no room for more files (${code}).`, { cause: error });
  return new StorageError('storage_unavailable', `Files cannot be read or written (${code} at ${syscall}).`, {
    cause: error,
  });
}
