import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The registry behind `/metrics`. Apps add their own: `new Counter({ …, registers: [metrics] })`. */
export class Metrics extends Registry {
  readonly httpDuration = new Histogram({
    name: 'bellhop_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last byte of its answer.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this],
  });

  constructor(service: string) {
    super();
    this.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this });
  }

  /** A gauge whose value is read at each scrape. `null` leaves it out, while the value is unknown. */
  observe(name: string, help: string, value: () => number | null | Promise<number | null>): void {
    new Gauge({
      name,
      help,
      registers: [this],
      async collect() {
        const current = await Promise.resolve(value()).catch(() => null);
        if (current === null) this.reset();
        else this.set(current);
      },
    });
  }
}
