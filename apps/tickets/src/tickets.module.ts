import { Readiness } from '@bellhop/http';
import { erasureProviders, Housekeeping } from '@bellhop/service';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { AttachmentLimits } from './attachments/attachment-limits.js';
import { AttachmentsController } from './attachments/attachments.controller.js';
import { purgeAttachments } from './attachments/purge-attachments.js';
import { AttachmentStorage } from './attachments/storage/attachment-storage.js';
import { FolderStorage } from './attachments/storage/folder-storage.js';
import { UploadsService } from './attachments/uploads.service.js';
import { DayBudgets } from './budgets/day-budgets.js';
import { purgeDays } from './budgets/purge-days.js';
import type { Config } from './config.js';
import { DeskController } from './desk/desk.controller.js';
import { DeskService } from './desk/desk.service.js';
import { DownloadsController } from './downloads/downloads.controller.js';
import { DownloadsService } from './downloads/downloads.service.js';
import { ErasuresHandler } from './erasure/erasures.handler.js';
import { TicketPersonEraser } from './erasure/ticket-person-eraser.js';
import { FilingController } from './filing/filing.controller.js';
import { FilingService } from './filing/filing.service.js';
import { FilingLimits, FilingRoom } from './filing/filing-room.js';
import { GuestFilingService } from './filing/guest-filing.service.js';
import { AddressProvenHandler } from './guests/address-proven.handler.js';
import { FindForGuestHandler } from './guests/find-for-guest.handler.js';
import { purgeUnproven } from './guests/purge-unproven.js';
import { DeskStreams } from './hints/desk-streams.js';
import { HintsController } from './hints/hints.controller.js';
import { TicketHints } from './hints/ticket-hints.js';
import { TicketStreams } from './hints/ticket-streams.js';
import { MyTicketsController } from './my-tickets/my-tickets.controller.js';
import { MyTicketsService } from './my-tickets/my-tickets.service.js';
import { MeController } from './people/me.controller.js';
import { UnreadablePreferences } from './people/unreadable-preferences.js';

@Module({})
export class TicketsModule {
  constructor(housekeeping: Housekeeping, readiness: Readiness, storage: AttachmentStorage) {
    housekeeping.add('budgets', purgeDays);
    housekeeping.add('unproven tickets', purgeUnproven);
    // After the tickets, so that the files of those go in the same run.
    housekeeping.add('attachments', purgeAttachments(storage));
    readiness.add('attachments', async () => (await storage.trouble(true))?.sentence ?? null);
  }

  static configured(config: Config): DynamicModule {
    return {
      module: TicketsModule,
      controllers: [
        FilingController,
        MyTicketsController,
        DeskController,
        AttachmentsController,
        DownloadsController,
        HintsController,
        MeController,
        AddressProvenHandler,
        FindForGuestHandler,
        ErasuresHandler,
      ],
      providers: [
        ...configuredProviders(config),
        UnreadablePreferences,
        FilingService,
        FilingRoom,
        GuestFilingService,
        MyTicketsService,
        DeskService,
        UploadsService,
        DownloadsService,
        TicketStreams,
        DeskStreams,
        TicketHints,
        ...erasureProviders(config.ERASURE_KEY, TicketPersonEraser),
      ],
    };
  }
}

/** The providers that are made of settings. */
function configuredProviders(config: Config): Provider[] {
  const storage = new FolderStorage({
    path: config.ATTACHMENTS_FOLDER,
    keepFreeBytes: config.ATTACHMENTS_KEEP_FREE_BYTES,
  });
  const attachments = new AttachmentLimits({
    perTicketBytes: config.ATTACHMENTS_PER_TICKET_BYTES,
    unlinkedBytes: config.ATTACHMENTS_UNSENT_BYTES,
    perDayBytes: config.ATTACHMENTS_PER_NETWORK_BYTES,
  });
  const budgets = new DayBudgets({ tickets: config.TICKETS_PER_PERSON, messages: config.MESSAGES_PER_PERSON });
  return [
    { provide: AttachmentStorage, useValue: storage },
    { provide: AttachmentLimits, useValue: attachments },
    { provide: DayBudgets, useValue: budgets },
    { provide: FilingLimits, useValue: new FilingLimits(config.MAX_UNPROVEN_TICKETS) },
  ];
}
