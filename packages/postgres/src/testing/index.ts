/** For specs: a database as an app has it. */
export { databaseWith, type SpecDatabase } from './database-with.js';
export { recordStatements, type Statement } from './record-statements.js';
