import type { DeviceAttemptView } from '@bellhop/contracts/http';
import { moment, table } from './table.js';

/** What became of a push on each device. */
export function deviceTable(devices: readonly DeviceAttemptView[]): string {
  const rows = devices.map(({ id, service, outcome, status, attempts, at, reason }) => [
    id,
    service,
    status === null ? outcome : `${outcome} (${status})`,
    String(attempts),
    moment(at),
    reason ?? '-',
  ]);
  return table(['DEVICE', 'SERVICE', 'OUTCOME', 'ATTEMPTS', 'LAST', 'REASON'], rows);
}
