import { runProvision } from '@bellhop/service';
import { migrations } from './tickets-service.js';

await runProvision('tickets', { migrations });
