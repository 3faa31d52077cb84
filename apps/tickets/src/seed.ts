import { configFields, parseConfig, runMain } from '@bellhop/http';
import { dataSourceFor } from '@bellhop/postgres';
import { z } from 'zod';
import { seedTickets } from './seeding/seed-tickets.js';
import { entities } from './tickets-service.js';

await runMain(async () => {
  const { DATABASE_URL: url } = parseConfig(z.object({ DATABASE_URL: configFields.DATABASE_URL }));
  const dataSource = await dataSourceFor({ service: 'tickets', url, entities }).initialize();
  try {
    const added = await seedTickets(dataSource, new Date());
    process.stdout.write(`tickets: ${added} tickets seeded\n`);
  } finally {
    await dataSource.destroy();
  }
});
