import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Shutdown } from '@bellhop/http';
import { NatsLink } from '@bellhop/jetstream';
import { Logger } from '@nestjs/common';
import { type FastifyReply, fastify } from 'fastify';
import type { DataSource } from 'typeorm';
import { FeedService } from '../src/channels/feed/feed.service.js';
import { FeedChannel } from '../src/channels/feed/feed-channel.js';
import { FeedHints } from '../src/channels/feed/feed-hints.js';
import type { NewEntry } from '../src/channels/feed/insert-entries.js';
import { readyDatabase } from './delivery-rows.js';

/** A page that reads a stream: what it was told, oldest first. */
export interface Page {
  readonly told: { unread: number; rev: number }[];
  isEnded: boolean;
  close(): void;
}

/** What one replica has for feeds, with a connection to NATS of its own, and without the rest of the app. */
export class FeedReplica {
  readonly link: NatsLink;
  readonly hints: FeedHints;
  readonly feed: FeedService;
  readonly channel: FeedChannel;
  private readonly shutdown = new Shutdown(new Logger('shutdown'));
  private readonly server = fastify({ forceCloseConnections: true });

  constructor(dataSource: DataSource, natsUrl: string) {
    const database = readyDatabase(dataSource);
    this.link = new NatsLink({ url: natsUrl, name: 'notifications', log: () => undefined });
    this.hints = new FeedHints(database, this.link, this.shutdown);
    this.feed = new FeedService(database, this.hints);
    this.channel = new FeedChannel(this.feed);
  }

  async start(): Promise<this> {
    this.server.get('/:person', (request, reply: FastifyReply) =>
      this.hints.open((request.params as { person: string }).person, reply, Number.MAX_SAFE_INTEGER),
    );
    await this.server.listen({ port: 0, host: '127.0.0.1' });
    this.hints.onApplicationBootstrap();
    this.link.start();
    await this.link.connected();
    return this;
  }

  open(person: string, token?: string): Promise<Page> {
    const { port } = this.server.server.address() as AddressInfo;
    return openPage(`http://127.0.0.1:${port}/${person}`, token);
  }

  async stop(): Promise<void> {
    await this.shutdown.run();
    await this.link.close();
    await this.server.close();
  }
}

/** Opens a stream. @throws the answer's status when it is another one than 200 */
export function openPage(url: string, token?: string): Promise<Page> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const request = get(url, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(String(response.statusCode)));
      const page: Page = { told: [], isEnded: false, close: () => request.destroy() };
      let rest = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const frames = (rest + text).split('\n\n');
        rest = frames.pop() ?? '';
        for (const frame of frames) {
          const data = /^event: feed\nid: \d+\ndata: (.*)$/.exec(frame)?.[1];
          if (data !== undefined) page.told.push(JSON.parse(data));
        }
      });
      response
        .on('error', () => undefined)
        .on('close', () => {
          page.isEnded = true;
        });
      resolve(page);
    });
    request.on('error', reject);
  });
}

let entries = 0;
/** A reply to a requester, in a ticket of its own where none is named. */
export function entry(person: string, columns: Partial<NewEntry> = {}): NewEntry {
  const ticketId = columns.ticketId ?? `T-${++entries}`;
  return {
    deliveryId: crypto.randomUUID(),
    person,
    ticketId,
    ticketNumber: 'N1',
    version: 2,
    kind: 'replied',
    count: 1,
    dueAt: null,
    url: `https://support.example.test/tickets/${ticketId}`,
    at: new Date().toISOString(),
    isForRequester: true,
    ...columns,
  };
}
