import { type AuditEntryView, type ListAuditQuery, listAuditQuery, type Page } from '@bellhop/contracts/http';
import { Database, Roles } from '@bellhop/service';
import { Controller, Get, Query } from '@nestjs/common';
import { Settings } from '../config.js';
import { addressMark } from './audit-entry.js';
import { loadAuditEntries } from './load-audit-entries.js';

/** Who did or read what, when and why. Reading it makes an entry, too. */
@Controller('ops/audit')
@Roles('operator')
export class AuditController {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  @Get()
  list(@Query({ schema: listAuditQuery }) { address, ...query }: ListAuditQuery): Promise<Page<AuditEntryView>> {
    const keys = this.settings.payloadKeys.map(({ secret }) => secret);
    const addressMarks = address === undefined ? undefined : keys.map((key) => addressMark(address, key));
    return loadAuditEntries(this.database.dataSource, { ...query, addressMarks });
  }
}
