import { parseConfig, runMain } from '@bellhop/http';
import { runService } from '@bellhop/service';
import { configSchema } from './config.js';
import { notificationsService } from './notifications-service.js';

await runMain(async () => {
  const config = parseConfig(configSchema);
  await runService(notificationsService(config), config);
}, 'notifications');
