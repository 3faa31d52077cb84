import { Shutdown } from '@bellhop/http';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CHANNELS, type Channel, type ChannelName } from '../channels/channel.js';
import { DispatchResources } from './dispatch-resources.js';
import { Dispatcher } from './dispatcher.js';

/** One dispatcher for each channel, so that a slow provider of one holds up nothing of another. */
@Injectable()
export class Dispatchers implements OnApplicationBootstrap {
  private readonly dispatchers: ReadonlyMap<ChannelName, Dispatcher>;

  constructor(@Inject(CHANNELS) channels: readonly Channel[], resources: DispatchResources, shutdown: Shutdown) {
    this.dispatchers = new Map(channels.map((channel) => [channel.name, new Dispatcher(channel, resources)]));
    shutdown.add('workers', 'dispatchers', () => this.stop());
  }

  onApplicationBootstrap(): void {
    for (const dispatcher of this.dispatchers.values()) dispatcher.start();
  }

  /** Something is due now: over one channel, or over any. */
  wake(channel?: ChannelName): void {
    if (channel !== undefined) this.dispatchers.get(channel)?.wake();
    else for (const dispatcher of this.dispatchers.values()) dispatcher.wake();
  }

  private async stop(): Promise<void> {
    await Promise.all([...this.dispatchers.values()].map((dispatcher) => dispatcher.stop()));
  }
}
