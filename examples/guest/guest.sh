#!/usr/bin/env bash
# The whole way of somebody without an account, with curl and the local mailbox. Needs `npm run up`.
# Usage: [BELLHOP=path to up.json] ./guest.sh [e-mail address]
set -euo pipefail
email=${1:-jana.$(date +%s)@example.com}
up=${BELLHOP:-$(dirname "$0")/../../.bellhop/up.json}
[ -r "$up" ] || { echo "$up is not there: start \`npm run up\`, or let BELLHOP name its up.json" >&2; exit 1; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

# json <path>: what stands there in the JSON on standard input.
json() { node -pe 'process.argv[1].split(".").reduce((value, name) => value?.[name], JSON.parse(fs.readFileSync(0))) ?? ""' "$1"; }
at() { json "$1" <"$up"; }
tickets=$(at tickets) guestAuth=$(at guestAuth) mailbox=$(at mailbox) oidc=$(at oidc)

# ask <cookie jar> <method> <url> [curl's arguments…]: the body; anything but 2xx ends the script with the problem.
ask() {
  local jar=$1 method=$2 url=$3; shift 3
  curl --silent --show-error --fail-with-body --cookie "$work/$jar" --cookie-jar "$work/$jar" --request "$method" \
    --header "idempotency-key: $(node -p 'crypto.randomUUID()')" "$@" "$url" ||
    { echo " ← $method $url" >&2; exit 1; }
}
send() { local body=$4; ask "$1" "$2" "$3" --header 'content-type: application/json' --data "$body" "${@:5}"; }

# mail <text>…: the text of the newest mail to the guest in which all of them stand, as soon as there is one.
mail() {
  for _ in $(seq 100); do
    curl --silent "$mailbox/email" | node -e '
      const [address, ...wanted] = process.argv.slice(1);
      const mails = JSON.parse(fs.readFileSync(0)).filter(({ to }) => to.some((one) => one.address === address));
      const found = mails.filter(({ text }) => wanted.every((one) => text.includes(one))).at(-1);
      if (!found) process.exit(1);
      console.log(found.text);' "$email" "$@" && return
    sleep 0.2
  done
  echo "no mail to $email with \"$*\" within 20 s" >&2; exit 1
}
# code <mailbox text>: the six digits of its last line, which phones read, too: "@host #123456".
code() { sed -n 's/^@[^ ]* #\([0-9]\{6\}\)$/\1/p' | tail -n 1; }

echo "1. $email files a ticket. Nobody sees it until the mailbox is proven."
filed=$(send one POST "$tickets/tickets" '{ "category": "trading", "subject": "An order is missing",
  "body": "I bought one yesterday, and it is not in my list.", "guest": { "email": "'"$email"'", "locale": "en" } }')
id=$(json id <<<"$filed") number=$(json number <<<"$filed") challenge=$(json challengeId <<<"$filed")
echo "   ticket $number is $(json status <<<"$filed")"

echo "2. The only mail so far has a code. The page where it was asked for takes it."
first=$(mail "$number" "Your one-time code" | code)
send one POST "$guestAuth/guest/challenges/$challenge/verification" '{ "code": "'"$first"'" }' >/dev/null
echo "   ticket $number is $(ask one GET "$tickets/tickets/$id" | json ticket.status)"

echo "3. The guest answers, with a picture and a document."
base64 -d >"$work/screen.png" <<<'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
printf '%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF\n' >"$work/order.pdf"
picture=$(ask one POST "$tickets/attachments" --form "file=@$work/screen.png" | json id)
document=$(ask one POST "$tickets/attachments" --form "file=@$work/order.pdf" | json id)
send one POST "$tickets/tickets/$id/messages" '{ "body": "This is what I see.", "attachmentIds": ["'"$picture"'", "'"$document"'"] }' >/dev/null
ask one GET "$tickets/attachments/$picture" --output "$work/back.png"
cmp --silent "$work/screen.png" "$work/back.png" && echo "   both are there, byte for byte"

echo "4. An agent replies. The mail about it has a link, and no word of the reply."
token=$(send agent POST "$oidc/dev/token" '{ "email": "agent@example.com" }' | json access_token)
send agent POST "$tickets/desk/tickets/$id/replies" '{ "body": "We found it: please look again." }' \
  --header "authorization: Bearer $token" >/dev/null
link=$(mail "$number" "You have a new reply" | sed -n 's#.*/t/\([A-Za-z0-9_-]\{43\}\).*#\1#p' | head -n 1)

echo "5. In another browser the link shows nothing, and asks for a new code."
opened=$(send two POST "$guestAuth/guest/challenges" '{ "link": "'"$link"'" }')
echo "   sent to $(json sentTo <<<"$opened")"
for _ in $(seq 50); do second=$(mail "$number" "Your one-time code" | code); [ "$second" != "$first" ] && break; sleep 0.2; done
send two POST "$guestAuth/guest/challenges/$(json challengeId <<<"$opened")/verification" '{ "code": "'"$second"'" }' >/dev/null

echo "6. The whole conversation:"
ask two GET "$tickets/tickets/$id" | node -e '
  for (const { author, body, attachments } of JSON.parse(fs.readFileSync(0)).messages)
    console.log(`   ${author}: ${body}${attachments.map(({ name }) => ` [${name}]`).join("")}`);'
