import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type OidcProvider, type RunningApp, startApp, startOidc, waitFor } from '@bellhop/local-stack';
import { migratedDatabase, type TicketsDatabase } from './database.js';
import { png } from './sample-files.js';

const CHUNK = Buffer.alloc(256 * 1024, 'x');
const BEGIN = '--X\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n';
const END = '\r\n--X--\r\n';

/** `tickets` as built, in a process of its own, as far as files need it: a database, no NATS. */
export class AttachmentsProcess {
  private running: RunningApp | undefined;

  private constructor(
    readonly folder: string,
    readonly database: TicketsDatabase,
    private readonly oidc: OidcProvider,
  ) {}

  static async prepare(): Promise<AttachmentsProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'attachments-'));
    const [database, oidc] = await Promise.all([migratedDatabase(), startOidc()]);
    return new AttachmentsProcess(folder, database, oidc);
  }

  async start(env: Record<string, string> = {}): Promise<RunningApp> {
    this.running = await startApp({
      app: 'tickets',
      env: {
        NATS_URL: 'nats://127.0.0.1:1',
        DATABASE_URL: this.database.url,
        OIDC_ISSUER: this.oidc.issuer,
        OIDC_AUDIENCE: this.oidc.audience,
        ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
        ATTACHMENTS_FOLDER: this.folder,
        ATTACHMENTS_KEEP_FREE_BYTES: '1',
        ATTACHMENTS_UNSENT_BYTES: String(1e12),
        ATTACHMENTS_PER_NETWORK_BYTES: String(1e12),
        LOG_LEVEL: 'error',
        ...env,
      },
    });
    await waitFor(async () => !(await this.missing()).includes('postgres'), { what: 'the database' });
    return this.running;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    await Promise.all([this.oidc.stop(), this.database.stop()]);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What `/readyz` says. */
  async missing(): Promise<string> {
    return (await fetch(`${this.opsUrl}/readyz`)).text();
  }

  /** One value of `/metrics`. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.opsUrl}/metrics`)).text();
    return Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1]);
  }

  /** A picture of this size, never held as a whole on our side either. `until` ends it early, with the connection left open. */
  async upload(
    sizeBytes: number,
    until?: Promise<unknown>,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = {
      authorization: await this.authorization(),
      'content-type': 'multipart/form-data; boundary=X',
      'content-length': BEGIN.length + sizeBytes + END.length,
    };
    const sent = request(`${this.url}/attachments`, { method: 'POST', headers });
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      sent.on('response', resolve).on('error', reject),
    );
    // Whoever is refused may not be able to send on.
    pipeline(Readable.from(bodyOf(sizeBytes, until)), sent).catch(() => undefined);
    const response = await answered;
    return { status: response.statusCode ?? 0, body: JSON.parse((await response.toArray()).join('')) };
  }

  /** The answer, not read yet. */
  async open(id: string): Promise<IncomingMessage> {
    const headers = { authorization: await this.authorization() };
    return new Promise((resolve, reject) => {
      request(`${this.url}/attachments/${id}`, { headers }).on('response', resolve).on('error', reject).end();
    });
  }

  /** Every file in the folder, wherever it lies. */
  async files(): Promise<string[]> {
    const found = await readdir(this.folder, { recursive: true, withFileTypes: true });
    return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  private get url(): string {
    return this.running?.url ?? '';
  }

  private get opsUrl(): string {
    return this.running?.opsUrl ?? '';
  }

  private async authorization(): Promise<string> {
    return `Bearer ${await this.oidc.token('ada@example.com')}`;
  }
}

async function* bodyOf(sizeBytes: number, until?: Promise<unknown>): AsyncGenerator<Buffer> {
  yield Buffer.from(BEGIN);
  yield png();
  for (let left = sizeBytes - png().length; left > 0; left -= CHUNK.length) {
    if (until && left < sizeBytes / 2) await until;
    yield CHUNK.subarray(0, left);
  }
  yield Buffer.from(END);
}
