import type { Readable } from 'node:stream';
import type { Bytes } from '../sniffing/bytes.js';

export interface Stored {
  /** Under which it is found again; made here, and of nothing that the sender said. */
  readonly key: string;
  readonly sizeBytes: number;
  /** Of the content, in hexadecimal. */
  readonly sha256: string;
}

/** An open file. It must be closed, or streamed, which closes it at the end or when the stream is destroyed. */
export interface StoredFile extends Bytes {
  stream(): Readable;
  close(): Promise<void>;
}

/** Why nothing can be stored at the moment, as a sentence for the operator. */
export interface Trouble {
  readonly code: 'storage_full' | 'storage_unavailable';
  readonly sentence: string;
}

/** Where the content of attachments lies. What each belongs to is in the database alone. */
export abstract class AttachmentStorage {
  /**
   * Reads the content to its end. When it returns, the content would survive a power loss; when it throws, nothing is left.
   *
   * @throws StorageError; or whatever `content` failed with
   */
  abstract put(content: Readable): Promise<Stored>;

  /** @throws StorageError, also when there is no such file */
  abstract open(key: string): Promise<StoredFile>;

  /** Removing what is not there is no error. */
  abstract remove(key: string): Promise<void>;

  /**
   * @param writes also tries to write, as for `/readyz`
   * @param bytes what is to be stored must fit, too
   */
  abstract trouble(writes: boolean, bytes?: number): Promise<Trouble | null>;

  /**
   * Removes what a crash has left: begun and never finished, or finished and known to nobody. What is younger than an hour
   * is left alone. It walks through a part of the whole each time, `turn` by turn. Returns how many files went.
   *
   * @param known of these keys, those that the database knows
   */
  abstract sweep(turn: number, known: (keys: readonly string[]) => Promise<ReadonlySet<string>>): Promise<number>;
}
