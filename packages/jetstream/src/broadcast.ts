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
  private unwatch: () => void = () => undefined;

  constructor(private readonly options: BroadcastOptions<T>) {}

  start(): void {
    this.unwatch = this.options.link.watch({ onConnect: (connection) => this.connected(connection) });
  }

  stop(): void {
    this.unwatch();
  }

  /** @returns false when nobody can hear it for the moment, not even this replica */
  say(message: T): boolean {
    const { link, subject, log } = this.options;
    if (!link.connection) return false;
    try {
      link.connection.publish(subject, JSON.stringify(message));
      return true;
    } catch (error) {
      log.debug?.({ message: 'broadcast not sent: nobody hears of it', subject, error });
      return false;
    }
  }

  /** The client renews its subscription when it reconnects; a new connection begins without. */
  private connected(connection: NatsConnection): void {
    const { subject, onConnect, log } = this.options;
    if (this.subscribedOn !== connection) {
      this.subscribedOn = connection;
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (!error) this.hear(message);
          else log.error({ message: 'subscription refused: this replica hears no broadcast', subject, error });
        },
      });
    }
    onConnect();
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
