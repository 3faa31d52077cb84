import { DEDUPE_DAYS, MAX_CLOCK_SKEW_MS, MAX_EVENT_AGE_MS, MAX_EVENT_BYTES } from '../events/limits.js';
import { inboundSubjectOf } from '../events/subjects.js';

/** The parts of the reference that are in no schema. */
export const INTRODUCTION = [
  'Everything that happens to a ticket is published as an event on NATS JetStream: named in the past tense, published once, never changed. An event is a [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) object in structured JSON. It says who, which ticket, and what happened; it never contains a name, a subject line or text of the conversation.',
  '"Who is notified" is about e-mail. Several events about one ticket within the digest window become one mail.',
].join('\n\n');

const HOUR_MS = 60 * 60 * 1000;

/** The maximum age of each type of event, grouped by age. */
const AGES = [...new Set(Object.values(MAX_EVENT_AGE_MS))]
  .map((ageMs) => {
    const types = Object.entries(MAX_EVENT_AGE_MS).filter(([, ofType]) => ofType === ageMs);
    const names = types.map(([type]) => `\`${type}\``).join(', ');
    return `${names}: ${ageMs === null ? 'of any age' : `up to ${ageMs / HOUR_MS} h after their \`time\``}.`;
  })
  .join(' ');

export const PUBLISHING = `
1. **Publish to your own subject:** \`${inboundSubjectOf('crm', 'ticket.replied.v1').replace('crm', '<system>')}\` for \`ticket.replied.v1\`, and so on. The operator gives you a NATS user that may publish there and nowhere else. **This subject identifies you**, \`source\` does not: your ids cannot collide with those of others.
2. **Wait for the acknowledgement.** Publish with a reply subject (every client calls it "request"). The reply \`{"stream":"INBOUND","seq":42}\` (or \`INBOUND_2\` and so on) means that the event is stored. After a reply with \`error\`, or none within a few seconds, publish again **with the same \`id\`**. \`maximum bytes exceeded\` means that too many of your events wait to be handled: slow down. Other systems are not affected.
3. **Duplicates are dropped** by (system, \`id\`) for ${DEDUPE_DAYS} days. So retry as often as you like, and never use an id for two different events: the second becomes a dead letter, \`id_reused\`. A \`Nats-Msg-Id\` is not needed: the server's duplicate window is as short as possible on this stream, because it does not distinguish systems.
4. **\`data.ticket.version\` decides what is newer.** Increase it with every change of the ticket. Order of arrival does not matter: once people were notified of version 7, version 6 is skipped as overtaken.
5. **\`data.ticket.url\` is required**, and must be below the address that is registered for your system: same scheme, host and port, and a path that begins with its path. If that address has a path, encoded slashes (\`%2F\`, \`%5C\`) must not lead out of it. The url becomes the only link of the mail.
6. **The body is the complete event** (structured mode), or its \`data\` alone with the attributes in headers \`ce-specversion\`, \`ce-id\`, \`ce-source\`, \`ce-type\` and \`ce-time\` (binary mode, [NATS binding](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/nats-protocol-binding.md)). An attribute that is \`null\` counts as absent. \`data_base64\` and batches are not supported.
7. **Events expire:** ${AGES} The age is measured when the stream stores the event, so an outage of ours makes nothing too old. Older ones become dead letters, \`too_old\`; an operator can redrive them.
8. **Limits:** ${MAX_EVENT_BYTES / 1024} KiB per event; \`time\` at most ${MAX_CLOCK_SKEW_MS / 60_000} minutes ahead of our clock; ASCII in ids, addresses and URLs (write an international domain in its \`xn--\` form). A message above the server's \`max_payload\` is refused by NATS itself, without a dead letter.
9. **Write strictly:** an optional field of \`data\` may be absent, but not \`null\`, and not misspelt, since unknown fields are ignored. Language and time zone only affect the presentation of mails: many spellings are accepted (\`pl_PL\`, \`de@euro\`, Windows time zones), everything else means English and UTC, and no event is refused for them. The JSON Schemas in \`packages/contracts/schemas\` help in your tests; set \`additionalProperties: false\` there to find misspelt fields.
10. **An invalid event becomes a dead letter** (below) and one line in our log. Ask the operator for its detail: it names the field and the expected value.

\`examples/publish/\` has complete programs for the shell, Python and Node.
`.trim();

export const VERSIONS = [
  'The version is the last part of `type`. Within a version only optional fields are added, so **ignore unknown fields**. Every other change is a new type, `….v2`, beside the old one. Each version has golden examples in `packages/contracts/fixtures`; they are never changed, and every later version of a reader must accept them.',
].join('\n\n');
