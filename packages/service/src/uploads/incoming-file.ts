import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import {
  fileMissing,
  fileTooLarge,
  malformedMultipart,
  notMultipart,
  oneFileOnly,
  uploadInterrupted,
} from './upload-problems.js';

const FILE_FIELD = 'file';
/** Boundary, headers and the end around the one file. */
const MAX_ENVELOPE_BYTES = 16 * 1024;
/** All bytes are here, and the parser still waits for something: it never will tell. */
const SETTLED_WITHIN_MS = 30_000;

/** The file as the sender calls it. The name is whatever they wrote, without folders; the content comes as fast as it is read. */
export interface FilePart {
  readonly name: string;
  readonly content: Readable;
}

/** The one file of a multipart/form-data request (RFC 7578), not read yet. */
export class IncomingFile {
  constructor(
    private readonly request: IncomingMessage,
    private readonly maxBytes: number,
  ) {}

  /** The largest size that the file can still turn out to have. */
  get expectedBytes(): number {
    const announced = Number(this.request.headers['content-length'] ?? this.maxBytes);
    return Math.min(announced, this.maxBytes);
  }

  /**
   * Hands the file to `take` while it arrives. Resolves with what `take` made of it once the request is complete and
   * right to its last byte. Whatever goes wrong, `content` fails, and this rejects only after `take` has settled, so that
   * the caller can undo what it did.
   *
   * @throws Problem 413, 415, 400 or 422 of `upload-problems.ts`, or what `take` threw
   */
  async receive<T>(take: (file: FilePart) => Promise<T>): Promise<T> {
    if (Number(this.request.headers['content-length'] ?? 0) > this.maxBytes + MAX_ENVELOPE_BYTES) {
      throw fileTooLarge(this.maxBytes);
    }
    const reading = new Reading(this.request, this.parser(), take);
    return reading.result(() => fileTooLarge(this.maxBytes));
  }

  private parser(): BusboyInstance {
    const { headers } = this.request;
    if (!/^multipart\/form-data\s*(;|$)/i.test(headers['content-type'] ?? '')) throw notMultipart();
    try {
      return new Busboy({
        headers: headers as BusboyHeaders,
        isPartAFile: (_field, _type, name) => name !== undefined,
        // One more than allowed where a surplus has to be told from what is allowed.
        limits: { files: 1, fields: 0, parts: 2, fileSize: this.maxBytes, headerPairs: 8, headerSize: 4 * 1024 },
      });
    } catch (cause) {
      throw malformedMultipart(cause);
    }
  }
}

class Reading<T> {
  private failure: unknown;
  private hasFailed = false;
  private content: Readable | undefined;
  private taken: Promise<T> | undefined;
  private end!: () => void;
  private readonly ended = new Promise<void>((resolve) => {
    this.end = resolve;
  });

  constructor(
    private readonly request: IncomingMessage,
    private readonly parser: BusboyInstance,
    private readonly take: (file: FilePart) => Promise<T>,
  ) {}

  async result(tooLarge: () => unknown): Promise<T> {
    const { request, parser } = this;
    if (request.destroyed) throw uploadInterrupted();
    const onClose = () => {
      if (!request.readableEnded) this.fail(uploadInterrupted());
    };
    let patience: NodeJS.Timeout | undefined;
    const onEnd = () => {
      patience = setTimeout(() => this.fail(malformedMultipart()), SETTLED_WITHIN_MS);
    };
    parser.on('file', (field, content, name) => this.begin(field, content, name, tooLarge));
    for (const surplus of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const) {
      parser.on(surplus, () => this.fail(this.taken ? oneFileOnly() : fileMissing()));
    }
    parser.on('error', (cause) => this.fail(malformedMultipart(cause)));
    parser.once('finish', () => this.end());
    request.once('close', onClose).once('error', onClose).once('end', onEnd);
    request.pipe(parser);
    try {
      await this.ended;
      clearTimeout(patience);
      if (!this.taken && !this.hasFailed) this.fail(fileMissing());
      // Also when it failed: nobody may clean up after somebody who is still at it.
      const [outcome] = await Promise.allSettled([this.taken]);
      if (this.hasFailed) throw this.failure;
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value as T;
    } finally {
      request.off('close', onClose).off('end', onEnd);
      request.unpipe(parser);
    }
  }

  private begin(field: string, content: Readable, name: string, tooLarge: () => unknown): void {
    this.content = content;
    // What the parser tells here of a broken part it tells for itself as well, and what `take` fails with comes from there;
    // unheard, it would end the process.
    content.on('error', () => undefined);
    content.once('limit', () => this.fail(tooLarge()));
    if (field !== FILE_FIELD) {
      this.fail(fileMissing());
      return;
    }
    this.taken = this.take({ name, content });
    this.taken.catch((error: unknown) => this.fail(error));
  }

  /** The first failure counts. What still arrives is thrown away: whoever sends reads the answer only when they have sent. */
  private fail(failure: unknown): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.failure = failure;
    this.request.unpipe(this.parser);
    this.request.resume();
    this.content?.destroy(failure instanceof Error ? failure : new Error('the upload failed', { cause: failure }));
    this.end();
  }
}
