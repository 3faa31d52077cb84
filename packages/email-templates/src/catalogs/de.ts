import type { Catalog } from './en.js';

export const de: Catalog = {
  ticket: 'Support-Ticket <link>{number}</link>',
  tickets: '<link>Support-Tickets</link>',
  labelled: '{label}: {value}',
  moment: '{date}, {time}\u00A0Uhr',
  zone: '{name} ({offset})',
  momentInZone: '{moment}, {zone}',
  requester: {
    created: {
      subject: 'Ihr Support-Ticket {number} ist eingegangen',
      heading: 'Wir haben Ihr Ticket erhalten',
      body: 'Unser Support-Team kümmert sich darum. Sobald es etwas Neues gibt, erhalten Sie eine E-Mail. Weitere Angaben können Sie jederzeit auf der Ticketseite ergänzen.',
      action: 'Ticket ansehen',
    },
    replied: {
      subject:
        '{count, plural, one {Neue Antwort zu Ihrem Support-Ticket {number}} other {# neue Antworten zu Ihrem Support-Ticket {number}}}',
      heading: '{count, plural, one {Sie haben eine neue Antwort} other {Sie haben #\u00A0neue Antworten}}',
      body: '{count, plural, one {Unser Support-Team hat Ihnen geantwortet. Auf der Ticketseite können Sie die Antwort lesen und direkt zurückschreiben.} other {Unser Support-Team hat Ihnen geantwortet. Auf der Ticketseite können Sie die Antworten lesen und direkt zurückschreiben.}}',
      action: 'Lesen und antworten',
    },
    information_requested: {
      subject: 'Rückfrage zu Ihrem Support-Ticket {number}',
      heading: 'Wir haben eine Rückfrage an Sie',
      body: 'Um Ihr Ticket weiter bearbeiten zu können, brauchen wir noch einige Angaben von Ihnen. Auf der Ticketseite sehen Sie, was fehlt, und können direkt antworten.',
      action: 'Rückfrage ansehen',
      deadline: 'Bitte antworten Sie bis',
    },
    resolved: {
      subject: 'Ihr Support-Ticket {number} wurde gelöst',
      heading: 'Ihr Ticket wurde gelöst',
      body: 'Unser Support-Team hat Ihr Anliegen als gelöst markiert. Ist noch etwas offen? Dann schreiben Sie uns bitte auf der Ticketseite.',
      action: 'Ticket ansehen',
    },
    promise_missed: {
      subject: 'Verzögerung bei Ihrem Support-Ticket {number}',
      heading: 'Die Bearbeitung verzögert sich',
      body: 'Es tut uns leid: Wir hätten uns bereits bei Ihnen melden sollen. Ihr Ticket ist weiterhin offen, und Sie hören von uns. Sie müssen nichts weiter tun.',
      action: 'Ticket ansehen',
      deadline: 'Antwort zugesagt bis',
    },
  },
  guest: {
    link: {
      subject: 'Neuer Link zu Ihrem Support-Ticket {number}',
      heading: 'Ihr neuer Link zum Ticket',
      body: 'Auf unserer Support-Seite wurde ein neuer Link zu diesem Ticket angefordert. Waren Sie das nicht, können Sie diese E-Mail ignorieren.',
      action: 'Ticket ansehen',
    },
  },
  code: {
    subject: 'Ihr Code für das Support-Ticket {number}',
    heading: 'Ihr Einmalcode',
    body: 'Geben Sie ihn auf der Seite ein, auf der Sie ihn angefordert haben. Er funktioniert nur in diesem Browser.',
    deadline: 'Gültig bis',
    validity:
      '{count, plural, one {Das ist #\u00A0Minute nach Ihrer Anforderung.} other {Das sind #\u00A0Minuten nach Ihrer Anforderung.}}',
    secret:
      'Niemand wird Sie jemals nach diesem Code fragen, weder per E-Mail noch am Telefon oder im Chat. Bitte geben Sie ihn nicht weiter.',
    ignore:
      'Sie haben keinen Code angefordert? Dann können Sie diese E-Mail ignorieren. Ohne den Code geschieht nichts.',
    noReply: 'Antworten auf diese E-Mail werden nicht gelesen.',
    reason: 'Sie erhalten diese E-Mail, weil Ihre E-Mail-Adresse auf unserer Support-Seite eingegeben wurde.',
  },
  agent: {
    created: {
      subject: 'Support-Ticket {number} wurde eröffnet',
      heading: 'Ein neues Ticket ist eingegangen',
      body: 'Öffnen Sie das Ticket, um es zu lesen und zu übernehmen.',
      action: 'Ticket öffnen',
    },
    tickets_waiting: {
      subject: '{count, plural, one {# Support-Ticket wartet} other {# Support-Tickets warten}}',
      heading: '{count, plural, one {#\u00A0Ticket wartet auf das Team} other {#\u00A0Tickets warten auf das Team}}',
      body: 'Vieles kam auf einmal, deshalb ist dies eine E-Mail für alles: neue Tickets und neue Antworten von Kunden. Öffnen Sie die Liste, um sie zu übernehmen.',
      action: 'Liste öffnen',
    },
    customer_replied: {
      subject: 'Support-Ticket {number}: {count, plural, one {neue Kundenantwort} other {# neue Kundenantworten}}',
      heading: '{count, plural, one {Neue Kundenantwort} other {#\u00A0neue Kundenantworten}}',
      body: 'Öffnen Sie das Ticket, um den Verlauf zu lesen und zu antworten.',
      action: 'Ticket öffnen',
    },
    assigned: {
      subject: 'Support-Ticket {number} wurde Ihnen zugewiesen',
      heading: 'Ihnen wurde ein Ticket zugewiesen',
      body: 'Ab jetzt sind Sie für dieses Ticket zuständig. Öffnen Sie es, um den Verlauf zu lesen und zu antworten.',
      action: 'Ticket öffnen',
    },
    reopened: {
      subject: 'Support-Ticket {number} wurde wieder geöffnet',
      heading: 'Das Ticket ist wieder offen',
      body: 'Das Anliegen ist noch nicht erledigt. Öffnen Sie das Ticket, um zu sehen, was noch zu tun ist.',
      action: 'Ticket öffnen',
    },
    promise_at_risk: {
      subject: 'Support-Ticket {number} ist bald fällig',
      heading: 'Dieses Ticket ist bald fällig',
      body: 'Die zugesagte Frist läuft bald ab, und die Antwort steht noch aus. Bitte antworten Sie rechtzeitig.',
      action: 'Ticket öffnen',
      deadline: 'Antwort zugesagt bis',
    },
    promise_missed: {
      subject: 'Support-Ticket {number} ist überfällig',
      heading: 'Dieses Ticket ist überfällig',
      body: 'Die zugesagte Frist ist abgelaufen, und die Antwort steht noch immer aus. Bitte antworten Sie so bald wie möglich.',
      action: 'Ticket öffnen',
      deadline: 'Antwort zugesagt bis',
    },
  },
  links: {
    guest:
      'Dieser Link funktioniert nur für dieses Postfach: Bevor das Ticket angezeigt wird, fragt die Seite nach einem Einmalcode, den wir an diese Adresse senden.',
    inbound_guest: 'Dieser Link ist nur für Sie bestimmt: Bitte leiten Sie diese E-Mail nicht weiter.',
  },
  phrase: {
    label: 'Ihre Anti-Phishing-Phrase',
    note: 'Jede E-Mail von uns zu Ihren Tickets zeigt sie. Vertrauen Sie keiner ohne sie.',
  },
  notices: {
    noReply:
      'Diese E-Mail ist nur eine Benachrichtigung. Antworten darauf werden nicht gelesen; bitte antworten Sie auf der Ticketseite.',
    safety: 'Wir fragen niemals per E-Mail nach einem Passwort, einem Code oder einer Seed-Phrase.',
  },
  reasons: {
    customer: 'Sie erhalten diese E-Mail, weil dieses Support-Ticket über Ihr Konto eröffnet wurde.',
    guest: 'Sie erhalten diese E-Mail, weil dieses Support-Ticket mit Ihrer E-Mail-Adresse eröffnet wurde.',
    agent: 'Sie erhalten diese E-Mail, weil Sie für dieses Ticket zuständig sind oder zum Support-Team gehören.',
  },
};
