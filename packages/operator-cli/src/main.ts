#!/usr/bin/env node
import { CliError, EXIT } from './cli.errors.js';
import { Client } from './client.js';
import { textOf } from './command.js';
import { parseCommandLine } from './command-line.js';
import { NO_SESSION, openSession } from './session.js';
import { Terminal } from './terminal.js';

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(args);
  if (parsed.kind === 'help') {
    process.stdout.write(`${parsed.text}\n`);
    return EXIT.done;
  }
  const { command, argument, options } = parsed;
  const terminal = new Terminal(options.json === true);
  const session = command.isOffline ? NO_SESSION : await openSession(process.env);
  const client = new Client(session, textOf(options, 'why'));
  return command.run({ client, terminal, argument, options });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  process.stderr.write(`${error.message}\n`);
  // A program reads the problem with its stable code from where it expects the answer.
  if (error.problem && process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify(error.problem, null, 2)}\n`);
  process.exitCode = error.exitCode;
}
