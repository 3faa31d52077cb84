import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import {
  encodedPart,
  fieldFirst,
  fileMissing,
  fileTooLarge,
  malformedMultipart,
  notMultipart,
  oneFileOnly,
  uploadInterrupted,
} from '../http/upload-problems.js';
import { withoutPadding } from './transport-padding.js';

const FILE_FIELD = 'file';
/** RFC 7578 §4.7: nobody should encode a part any more; what came so would be stored as it is, a text of letters. */
const ENCODED = /^(?:base64|quoted-printable)$/i;
/** Boundary, headers and the end around the one file. */
const MAX_ENVELOPE_BYTES = 16 * 1024;
/** How often it is looked whether the parser gets on. A part without a name, of more than 64 KiB, can make it wait for ever. */
const LOOK_MS = 250;
/** So many looks in a row without a byte more are too many; and so many while somebody is busy with the content. */
const IDLE_LOOKS = 3;
const BUSY_LOOKS = 120;

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
   * Refuses what its headers say cannot be taken, before room is made for it and a byte is read.
   *
   * @throws Problem 413, 415 or 400
   */
  checkHeaders(): void {
    if (Number(this.request.headers['content-length'] ?? 0) > this.maxBytes + MAX_ENVELOPE_BYTES) {
      throw fileTooLarge(this.maxBytes);
    }
    this.parser();
  }

  /**
   * Hands the file to `take` while it arrives. Resolves with what `take` made of it once the request is complete and
   * right to its last byte. Whatever goes wrong, `content` fails, and this rejects only after `take` has settled, so that
   * the caller can undo what it did.
   *
   * @throws Problem 413, 415, 400 or 422 of `upload-problems.ts`, or what `take` threw
   */
  async receive<T>(take: (file: FilePart) => Promise<T>): Promise<T> {
    this.checkHeaders();
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

interface PartHead {
  readonly field: string;
  readonly name: string;
  readonly encoding: string;
}

class Reading<T> {
  private failure: unknown;
  private bytes = 0;
  private hasFailed = false;
  private content: Readable | undefined;
  private taken: Promise<T> | undefined;
  private readonly unpadded: Transform;
  private end!: () => void;
  private readonly ended = new Promise<void>((resolve) => {
    this.end = resolve;
  });

  constructor(
    private readonly request: IncomingMessage,
    private readonly parser: BusboyInstance,
    private readonly take: (file: FilePart) => Promise<T>,
  ) {
    this.unpadded = withoutPadding(request.headers['content-type'] ?? '');
  }

  async result(tooLarge: () => unknown): Promise<T> {
    const { request, parser } = this;
    if (request.destroyed) throw uploadInterrupted();
    const onClose = () => {
      if (!request.readableEnded) this.fail(uploadInterrupted());
    };
    parser.on('file', (field, content, name, encoding) => {
      content.once('limit', () => this.fail(tooLarge()));
      this.begin({ field, name, encoding }, content);
    });
    for (const surplus of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const) {
      parser.on(surplus, () => this.fail(this.taken ? oneFileOnly() : fieldFirst()));
    }
    parser.on('error', (cause) => this.fail(malformedMultipart(cause)));
    parser.once('finish', () => this.end());
    request.once('close', onClose).once('error', onClose);
    request.on('data', ({ length }: Buffer) => {
      this.bytes += length;
    });
    request.pipe(this.unpadded).pipe(parser);
    const watch = this.watch();
    try {
      await this.ended;
      if (!this.taken && !this.hasFailed) this.fail(fileMissing());
      // Also when it failed: nobody may clean up after somebody who is still at it.
      const [outcome] = await Promise.allSettled([this.taken]);
      if (this.hasFailed) throw this.failure;
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value as T;
    } finally {
      clearInterval(watch);
      request.off('close', onClose);
      request.unpipe(this.unpadded);
    }
  }

  /** While bytes come, their sender is watched elsewhere (`late-bodies.ts`); when all are here, the parser has to come to its end. */
  private watch(): NodeJS.Timeout {
    let looks = 0;
    let seenBytes = -1;
    return setInterval(() => {
      const isBusy = this.content !== undefined && !this.content.readableEnded;
      looks = this.bytes === seenBytes ? looks + 1 : 0;
      seenBytes = this.bytes;
      if (this.request.complete && looks >= (isBusy ? BUSY_LOOKS : IDLE_LOOKS)) this.fail(malformedMultipart());
    }, LOOK_MS);
  }

  private begin({ field, name, encoding }: PartHead, content: Readable): void {
    // What the parser tells here of a broken part it tells for itself as well, and what `take` fails with comes from there;
    // unheard, it would end the process.
    content.on('error', () => undefined);
    // What the parser still holds comes out of it after the end, too.
    if (this.hasFailed) {
      content.resume();
      return;
    }
    if (field !== FILE_FIELD) {
      this.fail(fileMissing());
      return;
    }
    if (ENCODED.test(encoding)) {
      this.fail(encodedPart());
      return;
    }
    this.content = content;
    this.taken = this.take({ name, content });
    this.taken.catch((error: unknown) => this.fail(error));
  }

  /** The first failure counts. What still arrives is thrown away: whoever sends reads the answer only when they have sent. */
  private fail(failure: unknown): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.failure = failure;
    this.request.unpipe(this.unpadded);
    this.request.resume();
    this.content?.destroy(failure instanceof Error ? failure : new Error('the upload failed', { cause: failure }));
    this.end();
  }
}
