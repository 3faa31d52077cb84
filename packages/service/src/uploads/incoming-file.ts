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
/** RFC 7578 §4.7 deprecates encoded parts. They are refused: one would be stored undecoded. */
const ENCODED = /^(?:base64|quoted-printable)$/i;
/** Boundary, headers and end of the one part. */
const MAX_ENVELOPE_BYTES = 16 * 1024;
/** How often the progress of the parser is checked: a part without a name, of more than 64 KiB, can make it wait for ever. */
const LOOK_MS = 250;
/** Checks in a row without progress after which the body counts as malformed: while nobody reads the content, and while somebody does. */
const IDLE_LOOKS = 3;
const BUSY_LOOKS = 120;

/** The file with the name that the sender gave, without folders. The content arrives as fast as it is read. */
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

  /** Upper bound of the file's size. */
  get expectedBytes(): number {
    const announced = Number(this.request.headers['content-length'] ?? this.maxBytes);
    return Math.min(announced, this.maxBytes);
  }

  /**
   * Refuses a request by its headers, before space is reserved for it and a byte is read.
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
   * Passes the file to `take` while it arrives. Resolves with the result of `take` once the request is complete and valid to its last
   * byte. On any failure `content` fails, and this rejects only after `take` has settled, so that the caller can undo its work.
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
        // One part more than allowed, so that a surplus part is noticed.
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
      // Also after a failure: the caller must not clean up while `take` is still running.
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

  /** While bytes arrive, `late-bodies.ts` watches the sender; once all are here, the parser must finish. */
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
    // The parser reports a broken part by its own 'error' event as well, and `take` fails by that one. Without a listener here Node
    // would crash.
    content.on('error', () => undefined);
    // The parser may emit buffered parts after a failure, too.
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

  /** The first failure counts. The rest of the body is read and discarded: clients read the answer only after they have sent it all. */
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
