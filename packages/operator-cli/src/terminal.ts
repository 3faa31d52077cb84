import { createInterface } from 'node:readline/promises';
import { usageError } from './cli.errors.js';

/** Where a command writes: its result to stdout, progress and remarks to stderr. */
export class Terminal {
  private hasOpenLine = false;

  constructor(readonly isJson: boolean) {}

  /** The result: a table for people, or one JSON document for programs. */
  show(text: string, data: unknown): void {
    this.endProgress();
    process.stdout.write(this.isJson ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
  }

  say(line: string): void {
    this.endProgress();
    process.stderr.write(`${line}\n`);
  }

  /** On a terminal the next line overwrites it; in a file all lines stay. */
  progress(line: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`);
    else this.say(line);
    this.hasOpenLine = process.stderr.isTTY;
  }

  /**
   * Resolves only after a yes.
   * @throws CliError with exit code 2 without a terminal, or after any other answer
   */
  async confirm(question: string): Promise<void> {
    this.endProgress();
    if (!process.stdin.isTTY || !process.stderr.isTTY) {
      throw usageError(`${question} Nothing was changed: add --yes to do it.`);
    }
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await prompt.question(`${question} Type yes to do it: `);
    prompt.close();
    if (answer.trim().toLowerCase() !== 'yes') throw usageError('Nothing was changed.');
  }

  private endProgress(): void {
    if (this.hasOpenLine) process.stderr.write('\n');
    this.hasOpenLine = false;
  }
}
