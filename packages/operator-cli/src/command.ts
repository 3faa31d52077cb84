import type { ParseArgsConfig } from 'node:util';
import type { Client } from './client.js';
import type { Terminal } from './terminal.js';

/** Options as `node:util` parses them; `Command.options` declares them. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

export interface Call {
  /** Of a command that is offline, nothing may be asked. */
  readonly client: Client;
  readonly terminal: Terminal;
  readonly argument: string | undefined;
  readonly options: Options;
}

export interface Command {
  /** Words that name it: `deliveries list`. */
  readonly name: string;
  /** The argument after the name, `<id>` or `[id]`; empty for none. */
  readonly argument: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Everything below the usage line of its help. */
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** It asks no server, and needs no token. */
  readonly isOffline?: true;
  /** @returns the exit code */
  run(call: Call): Promise<number>;
}

export function textOf(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function isSet(options: Options, name: string): boolean {
  return options[name] === true;
}
