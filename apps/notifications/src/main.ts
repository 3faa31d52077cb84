import { parseConfig, runMain, runService } from '@bellhop/service';
import { notificationsService } from './notifications-service.js';
import { configSchema } from './settings.js';

await runMain(async () => {
  const config = parseConfig(configSchema);
  await runService(notificationsService(config), config);
}, 'notifications');
