import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

const COLOURS = { info: 36, warn: 33, error: 31 } as const;
const NAME_WIDTH = 13;

/** What `up` prints: its own messages, and the apps' log lines in readable form. The full logs go to files. */
export class ConsoleLog {
  private readonly files = new Map<string, WriteStream>();

  constructor(
    private readonly folder: string,
    private readonly out: NodeJS.WriteStream = process.stdout,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** A message of `up` itself. */
  say(text: string): void {
    this.out.write(`${text}\n`);
  }

  /** For a server: its lines go to a file only. */
  toFile(name: string): (line: string) => void {
    const file = this.files.get(name) ?? createWriteStream(join(this.folder, `${name}.log`), { flags: 'a' });
    this.files.set(name, file);
    return (line) => void file.write(`${line}\n`);
  }

  /** For an app: its lines go to a file, and to the console in readable form. */
  shown(name: string): (line: string) => void {
    const keep = this.toFile(name);
    return (line) => {
      keep(line);
      this.out.write(`${this.readable(name, line)}\n`);
    };
  }

  close(): void {
    for (const file of this.files.values()) file.end();
  }

  private readable(name: string, line: string): string {
    const entry = parsed(line);
    const level = entry?.level ?? 'info';
    const colour = COLOURS[level as keyof typeof COLOURS];
    const prefix = name.padEnd(NAME_WIDTH);
    const shownPrefix = this.out.isTTY && colour ? `\u001b[${colour}m${prefix}\u001b[0m` : prefix;
    if (!entry) return `${shownPrefix} ${line}`;
    const { time, level: _, service: __, message, ...fields } = entry;
    const rest = Object.entries(fields).map(([key, value]) => `${key}=${text(value)}`);
    const flag = level === 'info' ? '' : `${level}: `;
    return [`${shownPrefix} ${String(time).slice(11, 19)} ${flag}${text(message)}`, ...rest].join(' ');
  }
}

function parsed(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
