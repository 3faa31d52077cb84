/**
 * What servers say in refusals, by what they mean. `@` stands for an address, and for the recipient's name without its host. In the
 * four languages of our mails; whatever else a server says counts as unclear, which suppresses nothing.
 */
export type Words = readonly RegExp[];

/** Our address, domain or DNS is refused, at any step. Also the result of a server's callback to our side. */
export const SENDER: Words = [
  /\bsender\b.{0,30}\b(?:verif\w+|reject\w*|den(?:y|ied)|refus\w+|block\w*|bann?ed|unknown|invalid|not|domain|policy framework)\b/i,
  /\b(?:invalid|unknown|bad|unverified|blocked|banned|unauthenticated|rejected|forged|suspicious|as this) sender\b/i,
  /\bverification failed\b|\b(?:cannot|can't|could not|unable to|while|not) verify(?:ing)?\b|\bcall-?(?:out|back)\b/i,
  /\b(?:return[- ]?path|envelope[- ]from|from header|reverse[- ]path)\b/i,
  /\bMAIL FROM\b/,
  /\b(?:sending|sender|sender's|your|from) domain\b|\bdomain of (?:the )?sender\b|\bidentit(?:y|ies)\b/i,
  /\b(?:spf|dkim|dmarc|unauthenticated|spoof\w*)\b|\bnot authori[sz]ed to send\b|\b(?:e-?mail address|domain) is not verified\b/i,
  /absender|nadawc|发件人|发信人/i,
];

/** About DNS: the sender's, unless the status says that the recipient's host is meant. Neither "null MX" nor a name such as mx.example.com. */
export const DNS: Words = [
  /\b(?:no|invalid|missing|without|bad)\b.{0,30}(?<![\w.-])(?:mx|dns|a\/aaaa|a records?)(?![\w.-])/i,
  /(?<![\w.-])(?<!null )(?:mx|dns)(?![\w.-]).{0,40}\b(?:not?|invalid|missing|fail\w*)\b/i,
];

/** The account or server that we send through has used up its quota. */
export const QUOTA: Words = [
  /\b(?:daily|hourly|monthly|day's|sending|outbound|outgoing|relay|smtp)\b(?! rate).{0,30}\b(?:limits?|quota|allowance)\b/i,
  /\b(?:limits?|quota|max\w*|threshold)\b.{0,40}\b(?:per (?:day|hour|month)|in (?:24|one) hours?|daily|hourly|(?:for|of|on) sending|outgoing)\b/i,
  /\b(?:tenant|your account|you have|you've)\b.{0,30}\b(?:exceeded|reached)\b/i,
  /\bcredits?\b.{0,20}\b(?:exceeded|exhausted|used up)\b|\bversandlimit|\btageslimit|limit wysył|dzienny limit|发送.{0,6}(?:上限|限制)/i,
];

/** Quotas of the recipient, which only sound like ours. */
export const RECEIVING: Words = [/\b(?:receiv\w+|incoming|inbound)\b/i];

export const MAILBOX_FULL: Words = [
  /\b(?:mail ?box|inbox|mail ?(?:folder|store|drop)|spool|file ?system|account|user|recipient|storage|disk|quota)\b[^,;]{0,60}\bfull\b(?! (?:e-?mail )?(?:address|name))/i,
  /\bfull (?:mail ?box|inbox)\b|\bover[- ]?(?:\w+ )?quota\b|\b(?:storage|space|inode|blocks?|mail ?box size) limit\b/i,
  /\bquota\b.{0,20}\b(?:exceed\w*|violat\w*|reached|used up|exhausted)\b|\bexceed\w*\b.{0,30}\b(?:storage|quota|mail ?box|allocation|disk)\b/i,
  /\b(?:not enough|insufficient|out of|no)\b.{0,12}\b(?:mail ?box (?:storage|space)|storage|space left|disk space|quota)\b|\b(?:storage|mail ?box) exceed\w*/i,
  /postfach.{0,30}voll|speicher(?:platz)?.{0,40}(?:voll|erreicht|überschritten|erschöpft)|kontingent.{0,20}(?:überschritten|aufgebraucht|erschöpft)/i,
  /skrzynk.{0,40}pełn|przepełnion|przekrocz.{0,30}(?:limit|pojemno|rozmiar skrzynki)|brak miejsca/i,
  /(?:邮箱|信箱).{0,6}满|(?:空间|容量).{0,4}(?:不足|已满)|超出.{0,6}(?:容量|配额)|已满/,
];

export const TOO_FAST: Words = [
  /\b(?:at|message|sending|connection|mail|delivery|receiving) (?:a )?rate\b|\brate\b.{0,20}\b(?:limit\w*|exceed\w*|control\w*|restrict\w*)\b/i,
  /\b(?:exceed\w*|high|rate)\b.{0,20}\brate\b|\bthrottl\w*|\btoo (?:many|much|fast|quickly|frequent\w*)\b(?! (?:hops|received))/i,
  /\bslow(?:ing)? down\b|\bgr[ea]y-?list\w*|\b(?:connection|concurrency|session) limit\b|\blimit\w* (?:\w+ )?exceed\w*|\bexceed\w* (?:\w+ ){0,3}limit/i,
  /\b(?:messages|mails|e-?mails)\b.{0,20}\b(?:per|an|each) (?:minute|hour|day)\b|\bover (?:the|its|your) limit\b|\blimit (?:of \w+ )?reached\b/i,
  /\bzu viele\b|\bpro (?:minute|stunde|tag)\b|\bzbyt (?:wiele|często)\b|\bna (?:minutę|godzinę|dobę)|频率|过于频繁|太多/i,
];

/** It may end by itself, whatever else is said. */
export const TEMPORARY: Words = [
  /\btempor\w+|\btransient\b|\b(?:try|retry|come back)\b.{0,20}\b(?:later|after|in (?:a|\d)|soon)\b|\blater\b.{0,10}\b(?:try|retry)\b/i,
  /\bcurrently\b(?! available)|\bat th(?:is|e) (?:time|moment)\b|\bfor now\b|\b(?:right|just) now\b|\bbusy\b|\btime(?:d )?-?out\b|\bin progress\b/i,
  /\boverload\w*|\bmaintenance\b|\blook-?ups? (?:fail\w*|error|problem)|\bunverified\b|\bservfail\b|\bresol(?:ver|ution) (?:fail\w*|error|time)|\binsufficient (?:system )?(?:storage|resources)\b/i,
  /\b(?:local|system|internal|server|database|ldap|configuration|backend)(?: \w+)? (?:error|problem|failure)\b|\bout of memory\b/i,
  /\b(?:services?|servers?|systems?|directory|database|backend|ldap)\b.{0,20}\b(?:down|offline|lost|unavailable|unreachable|not (?:available|reachable|responding))\b/i,
  /\bsaid: 4\d\d\b|(?<![\d.])4\.\d{1,3}\.\d{1,3}(?![\d.])/,
  /vorübergehend|zeitweilig|zeitweise|derzeit|momentan|später/i,
  /tymczasow|chwilow|później|obecnie/i,
  /稍后|稍候|暂时|暂停|临时|目前/,
];

/** Our mail server, or the next one, refuses us as a client. */
export const SETUP: Words = [
  /\brelay(?:ing)?\b.{0,30}\b(?:den(?:y|ied)|not|prohibited|refus\w+|reject\w*|disabled|disallowed|forbidden)\b/i,
  /\b(?:unable|not permitted|not allowed|cannot|can't|not authori[sz]ed|do(?:es)? not|don't|will not|won't|denied)\b.{0,20}\brelay\w*|\bno relay\w*/i,
  /\brcpthosts\b|\bnot (?:a )?local\b|\bclient\b|\b(?:helo|ehlo)\b|\blog(?:ged)? ?in\b|\bpop before smtp\b/i,
  /\bauthenticat\w+|\bauthori[sz]ation (?:required|failed)|\bsmtp auth\b|\bauth(?:entication)? (?:is )?(?:required|first)|\bstarttls\b/i,
  /\b(?:tls|ssl|encryption)\b.{0,20}\brequired\b|\brequires? (?:tls|ssl|encryption)\b|\bcertificate\b/i,
  /\byour (?:account|user|address|ip|host\w*|server|network|provider|system|client|connection|isp|smtp|mail (?:server|host))\b/i,
  /\bips?\b|\bipv[46]\b|\b(?:ptr|rdns)\b|\breverse (?:dns|lookup|host ?name|ip)\b|\bhost ?name\b|\b(?:sending|mail|remote|connecting) (?:server|host)\b/i,
  /\b(?:rbl|dnsbl|spamhaus|ipcheck|barracudacentral|spamcop|sorbs)\b|\b(?:black|block|deny)[- ]?list\w*|\bblocked using\b|\breputation\b|\bbanned\b|\b(?:is|are|you're) (?!not )(?:\w+ )?listed\b/i,
  /\bsending (?:is )?(?:suspended|paused|disabled|not allowed)\b|\bnot (?:activated|configured|set up|authori[sz]ed to)\b/i,
];

/** Doubt whether the mailbox exists. A reply that also names limits, filters or the server's own trouble is no evidence either. */
export const DOUBT: Words = [
  /\b(?:may|might|perhaps|possibly|probably|appears?|seems?)\b/i,
  /\b(?:limit\w*|exceed\w*|quota|rate|block\w*|spam\w*|polic\w+|den(?:y|ied)|reputation|(?:allow|white|deny)[- ]?list\w*|suspend\w*|locked|filter\w*|cache)\b/i,
  /\b(?:bulk|junk|unsolicited|scann\w+|prohibited|paused|pending|on hold|not accepting)\b/i,
];

const PERSON =
  '(?:users?|user ?(?:id|name)|recipients?|mail ?box(?:es)?|addressee|account|alias|subscriber|inbox|person|customer|(?<!ip )address|@)';
const ABSENT = String.raw`(?:unknown|(?:does|do|did)(?:n't|n’t| not) exist|doesnt exist|not exist\w*|not (?:be )?found|(?:wasn't|couldn't be) found|not (?:a )?(?:known|valid)|not known|no longer (?:exist\w*|valid|in use|here|works|with us|on server)|non-?exist[ae]nt|inexistent)`;

/** The mailbox does not exist. */
export const NOBODY: Words = [
  new RegExp(String.raw`(?<![\w-])${PERSON}(?![\w-])[^.;:]{0,40}?(?<![\w-])${ABSENT}(?![\w-])`, 'i'),
  /@["'>)\]]*:? (?:is )?(?:unknown|not found|does not exist)\b|\bnot listed in\b.{0,20}\bdirectory\b/i,
  /\b(?:no such|unknown|invalid|non-?existent|nonexisting)\b (?:(?:e-?mail|local|virtual|final delivery|or|illegal|mail|smtp|destination)[ -]){0,3}(?:users?|user ?id|recipients?|mail ?box|addressee|account|alias|person|subscriber|local-?part|part)\b/i,
  /\b(?:no such|unknown|non-?existent) (?:e-?mail )?address\b|\b(?:no|not a) (?:mail ?box|user|account|recipient|person|one) (?:here|by (?:that|this) name|with (?:that|this)|named|called)\b/i,
  /\bnot our (?:customer|user)\b|\bnot a (?:known|valid) (?:mail ?box|user|recipient|address)\b|\b(?:does|do)(?:n't|n’t| not) have an? (?:\S+ )?(?:account|mail ?box)\b|\bmail ?box name invalid\b|\bnosuchuser\b|\brecipientnotfound\b/i,
  /(?:benutzer|empfänger|nutzer|postfach|adresse|konto)\S*.{0,40}(?:unbekannt|existiert nicht|nicht bekannt|nicht gefunden|gibt es nicht|nicht vorhanden)|unbekannte[rs]? (?:benutzer|empfänger|nutzer|adresse)/i,
  /(?:użytkownik|skrzynka|adresat|odbiorca|konto|adres).{0,40}(?:nie istnieje|nieznan|nie znalezion)|nieznany (?:użytkownik|adresat|odbiorca)|nie ma takiego (?:użytkownika|konta|adresu)/i,
  /(?:用户|收件人|邮箱|账号|帐号|地址).{0,8}(?:不存在|未找到)|不存在.{0,4}(?:用户|邮箱)|没有.{0,4}(?:用户|收件人)/,
];

/** Standard texts of statuses that say the same; without such a status they prove nothing. */
export const BAD_ADDRESS: Words = [
  /^(?:[<"']?@[>"']?:? )?unknown\W*$/i,
  /\bbad (?:destination|recipient)\b|\binvalid (?:\w+ )?address\b|\baddress syntax\b|\bmalformed\b|\bmail ?box (?:unavailable|not available|has moved)\b|\bhas moved\b|\bno forwarding\b/i,
];

/** The mailbox was closed. Without a status it could be about the account that we send with. */
export const CLOSED: Words = [
  new RegExp(
    String.raw`(?<![\w-])${PERSON}(?![\w-])[^.;:]{0,40}?\b(?:disabled|deactivated|deleted|closed|discontinued|removed|terminated|no longer (?:active|available))\b`,
    'i',
  ),
  /\b(?:disabled|deactivated|deleted|closed|discontinued) (?:user|recipient|mail ?box|account)\b|(?:postfach|konto|benutzer).{0,30}(?:gelöscht|deaktiviert|geschlossen)|(?:konto|skrzynka).{0,30}(?:usunięt|zamknięt)|(?:用户|邮箱|账号).{0,6}(?:注销|停用|禁用)/i,
];

/** The host behind the `@`. Without a status, or the word "recipient", it could be ours. */
export const NO_DOMAIN: Words = [
  /\b(?:domain|host|system)\b[^.;]{0,40}\b(?:unknown|not found|does not exist|doesn't exist|not exist|non-?existent|no longer|has no mx)\b/i,
  /\b(?:no such|unknown|non-?existent|bad destination) (?:domain|host|system)\b|\bnull mx\b|\bdomain does not accept (?:e-?)?mail\b/i,
];

export function says(words: Words, text: string): boolean {
  return words.some((word) => word.test(text));
}
