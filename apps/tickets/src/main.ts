import { parseConfig, runMain, runService } from '@bellhop/service';
import { ticketsConfig } from './tickets-config.js';
import { ticketsService } from './tickets-service.js';

await runMain(async () => runService(ticketsService(parseConfig(ticketsConfig))), 'tickets');
