import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
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
import { AttachmentEntity } from './attachment.entity.js';
import { AttachmentLimits } from './attachment-limits.js';
import { attachmentName } from './attachment-name.js';
import { attachmentNotFound, fileEmpty, problemOf, tooManyUploads, typeNotAllowed } from './attachment-problems.js';
import { attachmentView } from './attachment-views.js';
import { dropUpload } from './drop-upload.js';
import { finishUpload } from './finish-upload.js';
import { reserveUpload } from './reserve-upload.js';
import type { AttachmentType } from './sniffing/attachment-types.js';
import { sniff, whyNot } from './sniffing/sniff.js';
import { isTable, MARK_BYTES, textOf, utf16Of } from './sniffing/text.js';
import { AttachmentStorage, type Stored, type StoredFile } from './storage/attachment-storage.js';
import { StorageError } from './storage/storage.errors.js';

const FIRST_LINE_BYTES = 4_096;

export interface Upload {
  readonly uploader: string;
  /** Whose budget of a day it uses up: the network of people without an account, or a customer; null for agents. */
  readonly payer: string | null;
  readonly incoming: IncomingFile;
}

/** A file that lies in the storage, and that nobody knows of yet. */
interface Arrival extends Stored {
  readonly givenName: string;
}

/**
 * Takes files in. Room is taken in the database first, then the bytes go to the storage, then the row says what they are: no
 * connection waits while somebody sends, and whatever breaks off in between is found by housekeeping.
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
      // Chinese grows by half on its way from UTF-16.
      if (stored.sizeBytes > MAX_ATTACHMENT_BYTES) throw fileTooLarge(MAX_ATTACHMENT_BYTES);
      const answer = await this.recorded(id, { ...stored, givenName }, type, once);
      if (answer.isReplayed) await this.discard(id, stored.key);
      return answer;
    } catch (error) {
      await this.discard(id, stored?.key).catch((cause: unknown) => {
        this.log.warn({ message: 'an upload that failed is left to housekeeping', error: cause });
      });
      throw error;
    }
  }

  /** A commit may have failed on its way back only: then the file stays, and with it the answer that a repetition gets. */
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

  /** Texts are given out as UTF-8; what came in UTF-16 is stored anew. */
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

  /** With an `Idempotency-Key` the same file by the same name is one upload; of the second one, only the answer is left. */
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

  /** Operators read where it is that files cannot be stored; whoever sends one does not. */
  private told(error: unknown): unknown {
    if (error instanceof StorageError) this.log.error({ message: 'a file cannot be stored', error });
    return problemOf(error);
  }
}

/** The name of a file is its sender's own words: it is kept with the file alone. */
async function recallUpload(manager: EntityManager, id: string): Promise<AttachmentView> {
  const attachment = await manager.findOneBy(AttachmentEntity, { id });
  if (!attachment) throw attachmentNotFound();
  return attachmentView(attachment);
}

/** In UTF-8, whatever the file is written in. */
async function firstBytesOf(file: StoredFile): Promise<Buffer> {
  for await (const text of textOf(file)) return Buffer.from(text.slice(0, FIRST_LINE_BYTES));
  return Buffer.alloc(0);
}
