import type { DataSource } from 'typeorm';

export interface Statement {
  readonly sql: string;
  readonly parameters: unknown[];
}

/** Records every statement from now on. Each call of the result returns those since the call before. */
export function recordStatements(dataSource: DataSource): () => Statement[] {
  let sent: Statement[] = [];
  dataSource.logger.logQuery = (sql, parameters) => void sent.push({ sql, parameters: parameters as unknown[] });
  return () => {
    const statements = sent;
    sent = [];
    return statements;
  };
}
