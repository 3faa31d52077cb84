export { type BatchOptions, inBatches } from './batches.js';
export { PreparingClient } from './client.js';
export { connectionOptions, type DataSourceSettings, dataSourceFor } from './data-source.js';
export { DedicatedConnection } from './dedicated-connection.js';
export { deleteEverywhere, everyRow, updateEverywhere } from './every-row.js';
export { GroupCommit, type GroupCommitOptions } from './group-commit.js';
export { PostgresUsageError, type PostgresUsageErrorCode } from './postgres.errors.js';
export { requireTransaction } from './require-transaction.js';
export { isTransientError } from './transient-errors.js';
