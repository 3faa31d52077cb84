import { parseArgs } from 'node:util';
import { audit } from './audit.js';
import { usageError } from './cli.errors.js';
import type { Command, Options } from './command.js';
import { listDeadLetters, showDeadLetter } from './dead-letters.js';
import { listDeliveries, showDelivery } from './deliveries.js';
import { dryRun } from './dry-run.js';
import { erase, showErasure } from './erase.js';
import { explain } from './explain.js';
import { redrive } from './redrive.js';
import { replay } from './replay.js';
import { vapid } from './vapid.js';

const COMMANDS: readonly Command[] = [
  listDeliveries,
  showDelivery,
  replay,
  listDeadLetters,
  showDeadLetter,
  redrive,
  explain,
  dryRun,
  audit,
  erase,
  showErasure,
  vapid,
];

const COMMON = { json: { type: 'boolean' }, why: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;

export type Parsed =
  | { readonly kind: 'help'; readonly text: string }
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly argument: string | undefined;
      readonly options: Options;
    };

/**
 * Parses a command line.
 * @throws CliError with exit code 2 and a sentence that says what is wrong
 */
export function parseCommandLine(args: readonly string[]): Parsed {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, index) => words[index] === word));
  if (!command) {
    const others = args.filter((arg) => arg !== '--help' && arg !== '-h');
    const isGroup = words.length === 1 && COMMANDS.some(({ name }) => name.startsWith(`${words[0]} `));
    const asksForHelp = args.length === 0 || others.length < args.length;
    if (asksForHelp && others.length === words.length && (words.length === 0 || isGroup)) {
      return { kind: 'help', text: overview(words) };
    }
    const wrong = words.length === 0 ? `option "${others[0]}"` : `command "${words.slice(0, 2).join(' ')}"`;
    throw usageError(`There is no ${wrong}.\n\n${overview(words)}`);
  }
  const { values, positionals } = parsed(command, args);
  if (values.help === true) return { kind: 'help', text: helpOf(command) };
  const [argument, ...more] = positionals.slice(command.name.split(' ').length);
  if (more.length > 0) throw usageError(`"${more[0]}" is one word too many. ${usageOf(command)}`);
  if (argument !== undefined && command.argument === '')
    throw usageError(`"${argument}" is one word too many. ${usageOf(command)}`);
  if (argument === undefined && command.argument.startsWith('<'))
    throw usageError(`${command.argument} is missing. ${usageOf(command)}`);
  return { kind: 'run', command, argument, options: values as Options };
}

function parsed(command: Command, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { ...command.options, ...COMMON }, allowPositionals: true });
  } catch (error) {
    throw usageError(
      `${(error as Error).message.split('. ')[0]}. ${usageOf(command)} See \`bellhop ${command.name} --help\`.`,
    );
  }
}

function usageOf({ name, argument }: Command): string {
  return `Usage: ${['bellhop', name, argument, '[options]'].filter(Boolean).join(' ')}.`;
}

function helpOf(command: Command): string {
  return [
    usageOf(command).slice(0, -1),
    '',
    sentence(command.summary),
    ...(command.help === '' ? [] : ['', command.help]),
    '',
    '  --why <text>       the reason, for the audit',
    '  --json             one JSON document on stdout, for programs',
    '  --help             this text',
  ].join('\n');
}

function overview(words: readonly string[]): string {
  const group = COMMANDS.filter(({ name }) => name.split(' ')[0] === words[0]);
  const shown = group.length > 0 ? group : COMMANDS;
  const names = shown.map(({ name, argument }) => `${name} ${argument}`.trim());
  const width = Math.max(...names.map((name) => name.length));
  return [
    'Usage: bellhop <command> [options]',
    '',
    'Shows what is stuck in Bellhop, and gets it going again.',
    '',
    ...shown.map(({ summary }, index) => `  ${names[index]?.padEnd(width)}  ${summary}`),
    '',
    'Connects to BELLHOP_URL with the access token in BELLHOP_TOKEN, otherwise to a running `npm run up`.',
    'Each command has --help and --json. Exit codes: 0 done, 1 refused, 2 wrong command line, or a confirmation that',
    'needs --yes, 3 service unreachable, 4 some of many were not done.',
  ].join('\n');
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
