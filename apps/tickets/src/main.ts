import { parseConfig, runMain } from '@bellhop/http';
import { runService } from '@bellhop/service';
import { configSchema } from './config.js';
import { ticketsService } from './tickets-service.js';

await runMain(async () => {
  const config = parseConfig(configSchema);
  await runService(ticketsService(config), config);
}, 'tickets');
