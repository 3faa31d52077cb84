import { runProvision } from '@bellhop/service';
import { migrations } from './notifications-service.js';

await runProvision('notifications', { migrations });
