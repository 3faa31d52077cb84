import { type Page, pageQuery, type SuppressionView } from '@bellhop/contracts/http';
import { typedEmailAddress } from '@bellhop/contracts/persons';
import { Problem } from '@bellhop/http';
import { Database, Roles } from '@bellhop/service';
import { Controller, Delete, Get, HttpCode, Logger, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { liftSuppression } from './lift-suppression.js';
import { loadSuppressions } from './load-suppressions.js';

/** Lists suppressed addresses, and lifts suppressions. */
@Controller('ops/suppressions')
@Roles('operator')
export class SuppressionsController {
  private readonly log = new Logger(SuppressionsController.name);

  constructor(private readonly database: Database) {}

  @Get()
  async list(@Query({ schema: pageQuery }) query: z.output<typeof pageQuery>): Promise<Page<SuppressionView>> {
    return loadSuppressions(this.database.dataSource, query);
  }

  @Delete(':address')
  @HttpCode(204)
  async lift(@Param('address', { schema: typedEmailAddress }) address: string): Promise<void> {
    if (!(await liftSuppression(this.database.dataSource, address))) {
      throw new Problem(
        404,
        'not_suppressed',
        'This address is not suppressed',
        'Look for it in `GET /ops/suppressions`.',
      );
    }
    this.log.log({ message: 'suppression lifted' });
  }
}
