#!/usr/bin/env bash
# Publishes one ticket event with nothing but bash: NATS is a line protocol over a socket.
# Usage: [NATS_URL=nats://crm:password@host:4222] ./publish.sh [e-mail address] [ticket number]
set -euo pipefail
fail() { echo "$1" >&2; exit "$2"; }
email=${1:-jana@example.com} number=${2:-7K4M2Q}
up=$(dirname "$0")/../../.bellhop/up.json
[ -n "${NATS_URL:-}" ] || [ -r "$up" ] || fail "$up is not there: start \`npm run up\`, or set NATS_URL" 2
url=${NATS_URL:-$(sed -n 's/.*"nats": *"\([^"]*\)".*/\1/p' "$up")}
[[ $url =~ ^nats://([^:@]+):([^@]+)@([^:/,]+)(:([0-9]+))? ]] ||
  fail "NATS_URL must look like nats://user:password@host:4222 (for tls:// use publish.py or publish.mjs: bash cannot encrypt)" 2
host=${BASH_REMATCH[3]} port=${BASH_REMATCH[5]:-4222}
# A URL writes @ as %40; JSON wants a \ before " and \.
plain() { local text=${1//\\/\\\\}; text=$(printf %b "${text//\%/\\x}"); text=${text//\\/\\\\}; printf %s "${text//\"/\\\"}"; }
user=$(plain "${BASH_REMATCH[1]}") password=$(plain "${BASH_REMATCH[2]}")
# Linux has it in a file, macOS in a program that writes capitals.
id=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen | tr 'A-F' 'a-f')
event=$(cat <<EOF
{ "specversion": "1.0", "id": "$id", "source": "urn:example:crm", "type": "ticket.replied.v1",
  "subject": "crm-$number", "time": "$(date -u +%Y-%m-%dT%H:%M:%SZ)", "datacontenttype": "application/json", "data": {
    "ticket": { "id": "crm-$number", "number": "$number", "status": "open", "category": "trading", "priority": "normal",
                "version": $(date +%s), "url": "https://crm.example.com/t/$number" },
    "requester": { "kind": "guest", "email": "$email", "locale": "pl" },
    "actor": { "kind": "agent", "id": "agent-7" }, "message": { "id": "m-$id", "hasAttachments": false } } }
EOF
)
exec 3<>"/dev/tcp/$host/$port"
# The server speaks first. One that asks for TLS must not hear the password in clear.
IFS= read -r -t 5 info <&3 && [[ $info == INFO\ * ]] || fail "no NATS server answers at $host:$port" 1
[[ ! $info =~ \"tls_required\":\ *true ]] || fail "$host asks for TLS, bash cannot encrypt: use publish.py or publish.mjs" 1
printf 'CONNECT {"user":"%s","pass":"%s","verbose":false}\r\nPING\r\n' "$user" "$password" >&3
while IFS= read -r -t 5 line <&3; do case $line in
  # The reply subject asks the stream for its acknowledgement: only then is the event safe.
  PONG*) printf 'SUB _INBOX.ack 1\r\nPUB %s _INBOX.ack %s\r\n%s\r\n' inbound.crm.tickets.v1.replied \
    "$(($(printf %s "$event" | wc -c)))" "$event" >&3 ;;
  *'"seq"'*) echo "stored: $line"; exit 0 ;;
  -ERR* | *'"error"'*) fail "refused: $line" 1 ;;
esac; done
fail "no acknowledgement within 5 s: publish again, with the same id" 1
