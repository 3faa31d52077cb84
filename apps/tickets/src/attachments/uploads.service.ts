import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AttachmentType } from '@bellhop/contracts/constants';
import { type AttachmentView, MAX_ATTACHMENT_BYTES } from '@bellhop/contracts/http';
import {
  Answer,
  type FilePart,
  fileTooLarge,
  type IdempotentRequest,
  type IncomingFile,
  idempotent,
} from '@bellhop/service';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { isTicketId } from '../tickets/ticket-access.js';
import { AttachmentEntity } from './attachment.entity.js';
import { AttachmentLimits } from './attachment-limits.js';
import { attachmentName } from './attachment-name.js';
import { attachmentNotFound, fileEmpty, problemOf, tooManyUploads, typeNotAllowed } from './attachment-problems.js';
import { deleteUpload } from './delete-upload.js';
import { dropUpload } from './drop-upload.js';
import { finishUpload } from './finish-upload.js';
import { attachmentView } from './read-attachments.js';
import { reserveUpload } from './reserve-upload.js';
import { sniff, whyNot } from './sniffing/sniff.js';
import { isTable, MARK_BYTES, textOf, utf16Of } from './sniffing/text.js';
import { AttachmentStorage, type Stored, type StoredFile } from './storage/attachment-storage.js';
import { StorageError } from './storage/storage.errors.js';

const FIRST_LINE_BYTES = 4_096;

export interface Upload {
  readonly uploader: string;
  /** Whose daily budget it uses: the network of people without an account, or a customer; null for agents. */
  readonly payer: string | null;
  readonly incoming: IncomingFile;
}

/** A stored file that no row names yet. */
interface Arrival extends Stored {
  readonly givenName: string;
}

/**
 * Takes uploads: reserves space in the database, stores the bytes, then completes the row. No connection is held while a client
 * sends, and housekeeping cleans up what failed in between.
 */
@Injectable()
export class UploadsService {
  private readonly log = new Logger('attachments');

  constructor(
    private readonly dataSource: DataSource,
    private readonly storage: AttachmentStorage,
    private readonly limits: AttachmentLimits,
  ) {}

  /** @throws Problem 413, 415, 422, 429, 503 `storage_unavailable`, 507 `storage_full` */
  async upload({ uploader, payer, incoming }: Upload, once: IdempotentRequest | null): Promise<Answer> {
    incoming.checkHeaders();
    const sizeBytes = Math.max(1, incoming.expectedBytes);
    const trouble = await this.storage.trouble(false, sizeBytes);
    if (trouble) throw this.told(new StorageError(trouble.code, trouble.sentence));
    const id = randomUUID();
    const reservation = { id, uploader, payer, sizeBytes };
    const hasRoom = await this.dataSource.transaction((manager) => reserveUpload(manager, reservation, this.limits));
    if (!hasRoom) throw tooManyUploads();
    return this.received(id, incoming, once).catch((error: unknown) => {
      throw this.told(error);
    });
  }

  /**
   * Takes back what is in no message yet.
   *
   * @throws Problem 404 `attachment_not_found`, the same for what does not exist, is somebody else's, or was sent
   */
  async remove(uploaders: readonly string[], id: string): Promise<void> {
    const key = isTicketId(id) ? await deleteUpload(this.dataSource.manager, id, uploaders) : null;
    if (key === null) throw attachmentNotFound();
    await this.storage.remove(key).catch((error: unknown) => {
      this.log.warn({ message: 'removed file still stored: housekeeping will remove it', attachmentId: id, error });
    });
  }

  private async received(id: string, incoming: IncomingFile, once: IdempotentRequest | null): Promise<Answer> {
    let stored: Stored | undefined;
    try {
      const givenName = await incoming.receive(async ({ name, content }: FilePart) => {
        stored = await this.storage.put(content);
        return name;
      });
      if (!stored) throw new Error('a file was received that was not stored');
      const type = await this.typeOf({ ...stored, givenName });
      if (type.startsWith('text/')) stored = await this.inUtf8(stored);
      if (stored.sizeBytes === 0) throw fileEmpty();
      // Chinese text grows by half from UTF-16 to UTF-8.
      if (stored.sizeBytes > MAX_ATTACHMENT_BYTES) throw fileTooLarge(MAX_ATTACHMENT_BYTES);
      const answer = await this.recorded(id, { ...stored, givenName }, type, once);
      if (answer.isReplayed) await this.discard(id, stored.key);
      return answer;
    } catch (error) {
      await this.discard(id, stored?.key).catch((cause: unknown) => {
        this.log.warn({
          message: 'failed upload not cleaned up: housekeeping will remove it',
          attachmentId: id,
          error: cause,
        });
      });
      throw error;
    }
  }

  /** The commit may have succeeded although its reply was lost: then the file stays, and so does the answer to a repeated request. */
  private async discard(id: string, key: string | undefined): Promise<void> {
    const { manager } = this.dataSource;
    await dropUpload(manager, id);
    if (key !== undefined && !(await manager.existsBy(AttachmentEntity, { key }))) await this.storage.remove(key);
  }

  private async typeOf({ key, givenName, sizeBytes }: Arrival): Promise<AttachmentType> {
    if (sizeBytes === 0) throw fileEmpty();
    const file = await this.storage.open(key);
    try {
      const type = await sniff(file);
      if (!type) throw typeNotAllowed(await whyNot(file));
      if (type === 'text/plain' && isTable(givenName, await firstBytesOf(file))) return 'text/csv';
      return type;
    } finally {
      await file.close();
    }
  }

  /** Texts are served as UTF-8; one in UTF-16 is converted and stored again. */
  private async inUtf8(stored: Stored): Promise<Stored> {
    const file = await this.storage.open(stored.key);
    try {
      if (!utf16Of(await file.read(0, MARK_BYTES))) return stored;
      const converted = await this.storage.put(Readable.from(textOf(file), { objectMode: false }));
      await this.storage.remove(stored.key);
      return converted;
    } finally {
      await file.close();
    }
  }

  /** With an `Idempotency-Key` the same file under the same name is one upload; of a second one only the answer is returned. */
  private recorded(id: string, arrival: Arrival, type: AttachmentType, once: IdempotentRequest | null) {
    const { key, sizeBytes, sha256, givenName } = arrival;
    const view: AttachmentView = { id, name: attachmentName(givenName, type), type, sizeBytes };
    const request = once && { ...once, body: { name: givenName, sha256 } };
    return this.dataSource.transaction((manager) =>
      idempotent(
        manager,
        request,
        async () => {
          if (!(await finishUpload(manager, { ...view, key }))) throw tooManyUploads();
          return { status: 201, body: view, kept: { id } };
        },
        (kept) => recallUpload(manager, kept.id),
      ),
    );
  }

  /** The log names the place where files cannot be stored; the answer does not. */
  private told(error: unknown): unknown {
    if (error instanceof StorageError)
      this.log.error({ message: 'file not stored: uploads fail until the storage works again', error });
    return problemOf(error);
  }
}

/** A file name is personal text: it is kept with the file only. */
async function recallUpload(manager: EntityManager, id: string): Promise<AttachmentView> {
  const attachment = await manager.findOneBy(AttachmentEntity, { id });
  if (!attachment) throw attachmentNotFound();
  return attachmentView(attachment);
}

/** In UTF-8, whatever the encoding of the file. */
async function firstBytesOf(file: StoredFile): Promise<Buffer> {
  for await (const text of textOf(file)) return Buffer.from(text.slice(0, FIRST_LINE_BYTES));
  return Buffer.alloc(0);
}
