import { type HttpRequest, HttpTransport, NoAnswer } from '../http.js';
import { parseEndpoint, publicLookup } from './endpoint.js';
import { type DeviceOutcome, outcomeOfAnswer } from './outcome.js';
import type { PushError } from './push.errors.js';
import { type Push, pushRequest } from './push-request.js';
import { ServiceGates } from './service-gates.js';
import type { DeviceRow } from './subscriptions/load-devices.js';
import { openKeys, type PushKeys } from './subscriptions/sealed-keys.js';
import { VapidHeaders, type VapidKey } from './vapid.js';

export interface PushSenderOptions {
  readonly keys: readonly [VapidKey, ...VapidKey[]];
  readonly subject: string;
  /** The origin of a push service on this machine: for `npm run up` and tests. */
  readonly local?: string | undefined;
  readonly timeouts?: { readonly connectMs: number; readonly answerMs: number };
}

/** Ten seconds in all. */
const TIMEOUTS = { connectMs: 5_000, answerMs: 5_000 };
/** To one push service. They speak HTTP/1.1 to us, one push at a time on each. */
const MAX_CONNECTIONS = 50;
/** Their answers have a line or two; a hostile one may send for ever. */
const MAX_ANSWER_BYTES = 4_096;

/**
 * Sends a push to one device: encrypted by `web-push` (RFC 8291), over connections of our own, which that package would leave without a
 * limit in time, in number or in size.
 */
export class PushSender {
  private readonly http: HttpTransport;
  private readonly headers: VapidHeaders;
  private readonly gates = new ServiceGates();

  constructor(private readonly options: PushSenderOptions) {
    const timeouts = options.timeouts ?? TIMEOUTS;
    this.http = new HttpTransport({
      timeouts,
      maxConnections: MAX_CONNECTIONS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
      cutsAnswers: true,
      lookup: publicLookup(),
    });
    this.headers = new VapidHeaders(options.subject);
  }

  /**
   * Never rejects.
   * @param isTest its owner tries it out: what comes of it says nothing of the service, or anybody could have us leave it alone
   */
  async send(device: DeviceRow, push: Push, { isTest = false } = {}): Promise<DeviceOutcome> {
    const key = this.options.keys.find(({ publicKey }) => publicKey === device.vapidKey);
    if (!key) return { kind: 'stale_key', status: null, reason: 'stale_key: its key is not in VAPID_KEYS any more' };
    const { service } = device;
    const waitMs = isTest ? null : this.gates.enter(service);
    if (waitMs !== null) {
      return { kind: 'throttled', status: null, reason: `service_paused: ${service}`, retryAfterMs: waitMs };
    }
    const outcome = await this.exchange(device, key, push);
    if (!isTest) this.learn(device, outcome);
    return outcome;
  }

  close(): void {
    this.http.close();
  }

  private async exchange(device: DeviceRow, key: VapidKey, push: Push): Promise<DeviceOutcome> {
    try {
      const { service } = device;
      const request = this.requestOf(await openKeys(device.sealed, device.endpointHash, key), key, push);
      return outcomeOfAnswer(await this.http.exchange(request), service, new Date());
    } catch (error) {
      if (error instanceof NoAnswer) {
        const { cause, hasLeft } = error.fault;
        return { kind: hasLeft ? 'unknown' : 'not_sent', status: null, cause };
      }
      // A row that cannot be read, or an endpoint that is not allowed any more: no other try would do better.
      return { kind: 'refused', status: 0, reason: `not_sendable: ${(error as PushError).code ?? 'unknown'}` };
    }
  }

  private requestOf({ endpoint, keys }: PushKeys, key: VapidKey, push: Push): HttpRequest {
    const target = parseEndpoint(endpoint, this.options.local);
    return pushRequest(target, keys, push, this.headers.of(target.origin, key));
  }

  private learn({ service, wasServed }: DeviceRow, outcome: DeviceOutcome): void {
    if (outcome.kind === 'accepted') this.gates.accepted(service);
    else if (outcome.kind === 'throttled') this.gates.throttled(service, outcome.retryAfterMs);
    else if (outcome.kind === 'refuses_us') this.gates.refused(service, wasServed);
    else this.gates.undecided(service);
  }
}
