import { Housekeeping, Readiness } from '@bellhop/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { AttachmentLimits } from './attachment-limits.js';
import { AttachmentsController } from './attachments.controller.js';
import { DownloadsService } from './downloads.service.js';
import { purgeAttachments } from './purge-attachments.js';
import { AttachmentStorage } from './storage/attachment-storage.js';
import { FolderStorage } from './storage/folder-storage.js';
import { UploadsService } from './uploads.service.js';

@Module({ controllers: [AttachmentsController], providers: [UploadsService, DownloadsService] })
class AttachmentsModule {
  constructor(storage: AttachmentStorage, readiness: Readiness, housekeeping: Housekeeping) {
    readiness.add('attachments', async () => (await storage.trouble(true))?.sentence ?? null);
    housekeeping.add('attachments', purgeAttachments(storage));
  }
}

export interface AttachmentsOptions {
  readonly folder: string;
  readonly keepFreeBytes: number;
  readonly limits: AttachmentLimits;
}

/** Global, for those who put files into messages need the limits, and whoever erases people the files. */
export function attachmentsModule({ folder: path, keepFreeBytes, limits }: AttachmentsOptions): DynamicModule {
  return {
    module: AttachmentsModule,
    global: true,
    providers: [
      { provide: AttachmentStorage, useValue: new FolderStorage({ path, keepFreeBytes }) },
      { provide: AttachmentLimits, useValue: limits },
    ],
    exports: [AttachmentLimits, AttachmentStorage],
  };
}
