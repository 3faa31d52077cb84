#!/usr/bin/env bash
# Publishes one ticket event with nothing but bash: NATS is a line protocol over a socket.
# Usage: [NATS_URL=nats://crm:password@host:4222] ./publish.sh [e-mail address] [ticket number]
set -euo pipefail
email=${1:-jana@example.com} number=${2:-7K4M2Q}
up=$(dirname "$0")/../../.bellhop/up.json
[ -n "${NATS_URL:-}" ] || [ -r "$up" ] || { echo "$up is not there: start \`npm run up\`, or set NATS_URL" >&2; exit 2; }
url=${NATS_URL:-$(sed -n 's/.*"nats": *"\([^"]*\)".*/\1/p' "$up")}
[[ $url =~ ^nats://([^:@]+):([^@]+)@([^:/]+):([0-9]+) ]] || { echo "NATS_URL must look like nats://user:password@host:4222" >&2; exit 2; }
user=${BASH_REMATCH[1]} password=${BASH_REMATCH[2]} host=${BASH_REMATCH[3]} port=${BASH_REMATCH[4]}

# Linux has it in a file, macOS in a program that writes capitals.
id=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen | tr 'A-F' 'a-f')
event=$(cat <<EOF
{ "specversion": "1.0", "id": "$id", "source": "urn:example:crm", "type": "ticket.replied.v1",
  "subject": "crm-$number", "time": "$(date -u +%Y-%m-%dT%H:%M:%SZ)", "datacontenttype": "application/json",
  "data": {
    "ticket": { "id": "crm-$number", "number": "$number", "status": "open", "category": "trading", "priority": "normal",
                "version": $(date +%s), "url": "https://crm.example.com/t/$number" },
    "requester": { "kind": "guest", "email": "$email", "locale": "pl" },
    "actor": { "kind": "agent", "id": "agent-7" },
    "message": { "id": "m-$id", "hasAttachments": false } } }
EOF
)
bytes=$(($(printf %s "$event" | wc -c)))

exec 3<>"/dev/tcp/$host/$port"
printf 'CONNECT {"user":"%s","pass":"%s","verbose":false}\r\nPING\r\n' "$user" "$password" >&3
while IFS= read -r -t 5 line <&3; do
  case $line in
    # The reply subject asks the stream for its acknowledgement: only then is the event safe.
    PONG*) printf 'SUB _INBOX.ack 1\r\nPUB %s _INBOX.ack %s\r\n%s\r\n' inbound.crm.tickets.v1.replied "$bytes" "$event" >&3 ;;
    *'"seq"'*) echo "stored: $line"; exit 0 ;;
    -ERR* | *'"error"'*) echo "refused: $line" >&2; exit 1 ;;
  esac
done
echo "no acknowledgement within 5 s: publish again, with the same id" >&2
exit 1
