import { DEDUPE_DAYS, MAX_CLOCK_SKEW_MS, MAX_EVENT_AGE_MS, MAX_EVENT_BYTES } from '../events/limits.js';
import { inboundSubjectOf } from '../events/subjects.js';

/** The parts of the reference that no schema can tell. */
export const INTRODUCTION = [
  'What happens to tickets travels as events over NATS JetStream: facts in the past tense, each published once, never changed. An event is a [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) object in structured JSON. It says who, which ticket, and what kind of thing; it never carries a name, a subject line or a word of the conversation.',
  '"Who is notified" is about e-mail. Several events about one ticket, soon after each other, become one mail.',
].join('\n\n');

const HOUR_MS = 60 * 60 * 1000;

/** Every kind of event with the age that it is taken up to, those of one age together. */
const AGES = [...new Set(Object.values(MAX_EVENT_AGE_MS))]
  .map((ageMs) => {
    const types = Object.entries(MAX_EVENT_AGE_MS).filter(([, ofType]) => ofType === ageMs);
    const names = types.map(([type]) => `\`${type}\``).join(', ');
    return `${names}: ${ageMs === null ? 'of any age' : `up to ${ageMs / HOUR_MS} h after their \`time\``}.`;
  })
  .join(' ');

export const PUBLISHING = `
1. **Publish to your own subject:** \`${inboundSubjectOf('crm', 'ticket.replied.v1').replace('crm', '<system>')}\` for \`ticket.replied.v1\`, and so on. The operator gives you a NATS user that may publish there and nowhere else. **Who you are is this subject**, never \`source\`: ids of yours cannot meet ids of others.
2. **Wait for the acknowledgement.** Publish with a reply subject (every client calls it "request"). The answer \`{"stream":"INBOUND","seq":42}\` (or \`INBOUND_2\` and so on) means stored; an answer with \`error\`, or none within a few seconds, means: publish again, **with the same \`id\`**. \`maximum bytes exceeded\` says that too many of your events wait to be handled: slow down. It concerns nobody else.
3. **Copies are dropped** by (system, \`id\`) for ${DEDUPE_DAYS} days. So retry as often as you like, and never use an id for two events: the second becomes a dead letter, \`id_reused\`. A \`Nats-Msg-Id\` is not needed: the server's own window is all but shut on this stream, since it does not distinguish systems.
4. **\`data.ticket.version\` decides what is newer.** Let it count up with every change of the ticket. Order of arrival does not matter: once people were notified of version 7, version 6 is skipped as overtaken.
5. **\`data.ticket.url\` is required**, and below the address that was registered for your system: same scheme, host and port, and a path that begins with its path. Below a path of its own, encoded slashes (\`%2F\`, \`%5C\`) must not lead out of it. It becomes the only link of the mail.
6. **The body is the whole event** (structured mode), or its \`data\` alone with the attributes in headers \`ce-specversion\`, \`ce-id\`, \`ce-source\`, \`ce-type\` and \`ce-time\` (binary mode, [NATS binding](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/nats-protocol-binding.md)). \`null\` in an attribute is the same as leaving it out. \`data_base64\` and batches are not read.
7. **News, not history:** ${AGES} The time counts at which the stream takes the event, so nothing becomes too old while we are down. Older ones become dead letters, \`too_old\`; an operator can redrive them.
8. **Limits:** ${MAX_EVENT_BYTES / 1024} KiB per event; \`time\` at most ${MAX_CLOCK_SKEW_MS / 60_000} minutes ahead of our clock; ASCII in ids, addresses and URLs (an international domain in its \`xn--\` form). A message above the server's \`max_payload\` is refused by NATS itself, with no dead letter.
9. **Be strict when you write:** what is optional in \`data\` may be left out, but not \`null\` and not misspelt, since unknown fields are ignored. Language and time zone only show how mails look: what can be read of them is read (\`pl_PL\`, \`de@euro\`, time zones as Windows calls them), the rest is English and UTC, and never a reason to refuse. The JSON Schemas in \`packages/contracts/schemas\` help in your tests; set \`additionalProperties: false\` there to find misspelt fields.
10. **A mistake becomes a dead letter** (below) and one line in our log. Ask the operator for its detail: it names the field and what belongs there.

\`examples/publish/\` does this from a shell, from Python and from Node.
`.trim();

export const VERSIONS = [
  'The version is the last part of `type`. Within a version only optional fields are added, so **ignore fields that you do not know**. Anything else becomes a new type, `….v2`, beside the old one. Each version has golden examples in `packages/contracts/fixtures`; they are never changed, and every later reader must read them.',
].join('\n\n');
