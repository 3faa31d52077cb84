import type { Msg, NatsConnection } from '@nats-io/nats-core';
import type { LoggerService } from '@nestjs/common';
import type { NatsLink } from './nats-link.js';

export interface BroadcastOptions<T> {
  link: NatsLink;
  /** In no stream. The user needs the right to publish on it, and to subscribe to it. */
  subject: string;
  /** Reads what another replica, perhaps of another release, has said. @throws when it cannot be read */
  parse: (message: unknown) => T;
  onMessage: (message: T) => void;
  /** There is a connection (again): what was said in between is lost. */
  onConnect: () => void;
  log: LoggerService;
}

/**
 * What a replica says to all of its service, itself included, over core NATS. Nothing is stored and nobody confirms: it is for hints
 * whose loss is healed elsewhere.
 */
export class Broadcast<T> {
  private subscribedOn: NatsConnection | null = null;
  /** NATS has refused the subscription: this replica hears nothing, itself included, until it is subscribed anew. */
  private isDeaf = false;
  private unwatch: () => void = () => undefined;

  constructor(private readonly options: BroadcastOptions<T>) {}

  start(): void {
    this.unwatch = this.options.link.watch({ onConnect: (connection) => this.connected(connection) });
  }

  stop(): void {
    this.unwatch();
  }

  /** Subscribes anew where that was refused: rights may have been given meanwhile. Call it now and then. */
  renew(): void {
    const { connection } = this.options.link;
    if (this.isDeaf && connection) this.subscribe(connection);
  }

  /** @returns false when this replica will not hear it itself, whoever else does */
  say(message: T): boolean {
    const { link, subject, log } = this.options;
    if (!link.connection) return false;
    try {
      link.connection.publish(subject, JSON.stringify(message));
      return !this.isDeaf;
    } catch (error) {
      log.debug?.({ message: 'broadcast not sent: nobody hears of it', subject, error });
      return false;
    }
  }

  /** The client renews its subscription when it reconnects; a new connection begins without, and so does one that was refused. */
  private connected(connection: NatsConnection): void {
    if (this.subscribedOn !== connection || this.isDeaf) this.subscribe(connection);
    this.options.onConnect();
  }

  private subscribe(connection: NatsConnection): void {
    const { subject, log } = this.options;
    this.subscribedOn = connection;
    this.isDeaf = false;
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (!error) return this.hear(message);
        this.isDeaf = true;
        log.error({
          message: 'subscription refused: this replica hears no broadcast until it is allowed',
          subject,
          error,
        });
      },
    });
  }

  private hear(message: Msg): void {
    const { parse, onMessage, subject, log } = this.options;
    let said: T;
    try {
      said = parse(message.json());
    } catch (error) {
      log.warn({ message: 'broadcast dropped: it cannot be read', subject, error });
      return;
    }
    onMessage(said);
  }
}
