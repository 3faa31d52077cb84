import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { streams } from '@bellhop/contracts/streams';
import { waitFor } from '@bellhop/local-stack';
import { connect } from '@nats-io/transport-node';
import type { HelpDesk } from './help-desk.js';

const APPS = ['tickets', 'notifications', 'guest-auth'] as const;

/** Everything that is stored anywhere, as text by place: rows, messages of streams, files, lines of logs. */
export async function everything(desk: HelpDesk): Promise<Record<string, string>> {
  const places: Record<string, string> = { log: desk.lines.join('\n'), files: filesText(desk.attachments) };
  for (const app of APPS) {
    const { rows: tables } = await desk.rows<{ name: string }>(
      app,
      `select tablename as name from pg_tables where schemaname = 'public'`,
    );
    for (const { name } of tables) {
      const { rows } = await desk.rows<{ row: string }>(app, `select t::text as row from "${name}" t`);
      places[`${app}.${name}`] = rows.map(({ row }) => row).join('\n');
    }
  }
  return { ...places, ...(await streamsText(desk)) };
}

/** The places that contain a text, in any case, in plain text or in a usual encoding of bytes. */
export function placesOf(secret: string, places: Record<string, string>): string[] {
  const forms = [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64url')];
  return Object.keys(places).filter((place) =>
    forms.some((form) => places[place]?.toLowerCase().includes(form.toLowerCase())),
  );
}

/** Makes all events reach their age limit, except those that are kept for ever. */
export async function ageStreams(desk: HelpDesk): Promise<void> {
  const nats = await provisioner(desk);
  const api = async (verb: string, body: unknown = {}) =>
    (await nats.request(`$JS.API.STREAM.${verb}`, JSON.stringify(body))).json<{
      config: Record<string, unknown>;
      state: { messages: number };
      error?: { description: string };
    }>();
  const SECOND = 1_000_000_000;
  for (const { name } of Object.values(streams).filter(({ maxAgeMs }) => maxAgeMs > 0)) {
    const { config } = await api(`INFO.${name}`);
    const short = { ...config, max_age: SECOND, duplicate_window: SECOND / 10 };
    const { error } = await api(`UPDATE.${name}`, short);
    if (error) throw new Error(`${name} cannot be shortened: ${error.description}`);
    await waitFor(async () => (await api(`INFO.${name}`)).state.messages === 0, { what: `${name} to be empty` });
    await api(`UPDATE.${name}`, config);
  }
  await nats.close();
}

async function streamsText(desk: HelpDesk): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  const users = { TICKETS: 'tickets', GUESTS: 'guest-auth', ERASURES: 'notifications' } as const;
  for (const [name, user] of [
    ...Object.entries(users),
    ['NOTIFICATIONS', 'operator'] as const,
    ['DEAD_LETTERS', 'operator'] as const,
  ]) {
    const nats = await connect({
      servers: desk.nats.urlFor(user),
      inboxPrefix: `_INBOX_${user}`,
      ...credentials(desk, user),
    });
    const ask = async (verb: string, body: unknown = {}) =>
      (await nats.request(`$JS.API.STREAM.${verb}.${name}`, JSON.stringify(body))).json<{
        state: { first_seq: number; last_seq: number };
        message?: { data?: string; hdrs?: string };
      }>();
    const { state } = await ask('INFO');
    const parts: string[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const { message } = await ask('MSG.GET', { seq });
      for (const part of [message?.hdrs, message?.data]) parts.push(Buffer.from(part ?? '', 'base64').toString());
    }
    texts[name] = parts.join('\n');
    await nats.close();
  }
  return texts;
}

function provisioner(desk: HelpDesk) {
  return connect({
    servers: desk.nats.urlFor('provisioner'),
    inboxPrefix: '_INBOX_provisioner',
    ...credentials(desk, 'provisioner'),
  });
}

function credentials(desk: HelpDesk, user: Parameters<HelpDesk['nats']['urlFor']>[0]) {
  const { username, password } = new URL(desk.nats.urlFor(user));
  return { user: username, pass: password };
}

function filesText(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name)).toString('latin1')}`)
    .join('\n');
}
