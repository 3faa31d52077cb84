import type { DataSource } from 'typeorm';

/**
 * Records every statement from now on, in order, so that a spec can check what a batch costs. Unlike their time, their number does
 * not depend on the machine.
 */
export function recordStatements(dataSource: DataSource): string[] {
  const statements: string[] = [];
  dataSource.logger.logQuery = (sql) => void statements.push(shorten(sql));
  return statements;
}

const WRITES = /\b(?:insert into|delete from|(?<!do |for )update) \w+/g;
const READ = /\b(?:from|join) (?!lateral\b)(\w+)\b(?!\()/;

/** What it writes; else the first table it reads; else all of it: `update deliveries, insert into told`, `select told`, `commit`. */
function shorten(sql: string): string {
  const text = sql.replace(/\s+/g, ' ').trim().toLowerCase();
  const table = READ.exec(text)?.[1];
  return text.match(WRITES)?.join(', ') ?? (table ? `select ${table}` : text);
}
