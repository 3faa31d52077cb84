import { Metrics, Readiness } from '@bellhop/http';
import { Database, erasureProviders, Housekeeping } from '@bellhop/service';
import { type DynamicModule, Inject, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AuditController } from './audit/audit.controller.js';
import { AuditInterceptor } from './audit/audit.interceptor.js';
import { CHANNELS, type Channel } from './channels/channel.js';
import { EmailChannel } from './channels/email/email-channel.js';
import { emailProviders } from './channels/email/email-url.js';
import { watchProviders } from './channels/email/fail-over/watch-providers.js';
import { SharedLimits } from './channels/email/limits/shared-limits.js';
import { FeedController } from './channels/feed/feed.controller.js';
import { FeedService } from './channels/feed/feed.service.js';
import { FeedChannel } from './channels/feed/feed-channel.js';
import { FeedHints } from './channels/feed/feed-hints.js';
import { purgeEntries } from './channels/feed/purge-entries.js';
import { PUSH, PushChannel } from './channels/push/push-channel.js';
import { purgePush } from './channels/push/subscriptions/purge-push.js';
import { PushSubscriptionsController } from './channels/push/subscriptions/push-subscriptions.controller.js';
import { PushSubscriptionsService } from './channels/push/subscriptions/push-subscriptions.service.js';
import { type Config, Settings } from './config.js';
import { DispatchMetrics } from './dispatch/dispatch-metrics.js';
import { DispatchResources } from './dispatch/dispatch-resources.js';
import { Dispatchers } from './dispatch/dispatchers.js';
import { endSwitchedOff } from './dispatch/outcomes/end-switched-off.js';
import { OutcomeRecorder } from './dispatch/outcomes/outcome-recorder.js';
import { Composer } from './dispatch/preparation/composer.js';
import { Forecast } from './dispatch/preparation/forecast.js';
import { FormerRequests } from './dispatch/preparation/former-requests.js';
import { OneTimeCodes } from './dispatch/preparation/one-time-codes.js';
import { Preparation } from './dispatch/preparation/preparation.js';
import { TeamDigests } from './dispatch/preparation/team-digests.js';
import { ErasuresController } from './erasure/erasures.controller.js';
import { ErasuresService } from './erasure/erasures.service.js';
import { RecipientEraser } from './erasure/recipient-eraser.js';
import { FeedbackService } from './feedback/feedback.service.js';
import { FeedbackMetrics } from './feedback/feedback-metrics.js';
import { purgeReceipts } from './feedback/purge-receipts.js';
import { ResendWebhooksController } from './feedback/resend-webhooks.controller.js';
import { SuppressionsController } from './feedback/suppressions.controller.js';
import { GuestMailsHandler } from './guest-mails/guest-mails.handler.js';
import { GuestMailsService } from './guest-mails/guest-mails.service.js';
import { IntakeService } from './intake/intake.service.js';
import { IntakeMetrics } from './intake/intake-metrics.js';
import { TicketsHandler } from './intake/tickets.handler.js';
import { CheckBudget } from './mail-checks/check-budget.js';
import { txtLookup } from './mail-checks/dkim/public-keys.js';
import { MailCheckMetrics } from './mail-checks/mail-check-metrics.js';
import { MailChecksController } from './mail-checks/mail-checks.controller.js';
import { MailChecksService, TXT_LOOKUP } from './mail-checks/mail-checks.service.js';
import { purgeChecks } from './mail-checks/purge-checks.js';
import { DeadLetterBox } from './ops/dead-letter-box.js';
import { DeadLettersController } from './ops/dead-letters.controller.js';
import { DeadLettersService } from './ops/dead-letters.service.js';
import { DeliveriesController } from './ops/deliveries.controller.js';
import { DeliveriesService } from './ops/deliveries.service.js';
import { DryRunsController } from './ops/dry-runs.controller.js';
import { DryRunsService } from './ops/dry-runs.service.js';
import { ExplanationsController } from './ops/explanations.controller.js';
import { ExplanationsService } from './ops/explanations.service.js';
import { purgeRecords } from './ops/purge-records.js';
import { Redriver } from './ops/redriver.js';
import { PreferencesController } from './preferences/preferences.controller.js';
import { PreferencesService } from './preferences/preferences.service.js';
import { purgeMutes } from './preferences/purge-mutes.js';
import { sealPhrasesAnew } from './preferences/seal-phrases-anew.js';
import { SentController } from './sent/sent.controller.js';
import { UnsubscribeController } from './unsubscribe/unsubscribe.controller.js';
import { UnsubscribeService } from './unsubscribe/unsubscribe.service.js';

/** Below the time that a process has for its loops when it ends. */
const CHANNEL_CLOSE_MS = 10_000;
const PUSH_OFF =
  'Web push is off: nobody gets push notifications. To switch it on, set VAPID_KEYS (npm run bellhop -- vapid).';

@Module({})
export class NotificationsModule {
  constructor(
    housekeeping: Housekeeping,
    readiness: Readiness,
    settings: Settings,
    @Inject(PUSH) push: PushChannel | null,
  ) {
    if (!push) {
      readiness.addOff('push', PUSH_OFF);
      housekeeping.add('deliveries of channels that are off', (on, options) => endSwitchedOff(on, ['push'], options));
    }
    housekeeping.add('push subscriptions and attempts', purgePush);
    housekeeping.add('deliveries and decisions', purgeRecords);
    housekeeping.add('webhook receipts', purgeReceipts);
    housekeeping.add('feed entries', purgeEntries);
    housekeeping.add('counts of mail checks', purgeChecks);
    housekeeping.add('mutes', purgeMutes);
    housekeeping.add('phrases', (on, options) => sealPhrasesAnew(on, settings.payloadKeys, options));
  }

  static configured(config: Config): DynamicModule {
    return {
      module: NotificationsModule,
      controllers: [
        TicketsHandler,
        GuestMailsHandler,
        ResendWebhooksController,
        PushSubscriptionsController,
        ExplanationsController,
        DryRunsController,
        DeliveriesController,
        DeadLettersController,
        SuppressionsController,
        AuditController,
        ErasuresController,
        FeedController,
        SentController,
        MailChecksController,
        PreferencesController,
        UnsubscribeController,
      ],
      providers: [
        { provide: Settings, useValue: new Settings(config) },
        {
          provide: CHANNELS,
          inject: [EmailChannel, FeedChannel, PUSH],
          useFactory: (mail: EmailChannel, feed: FeedChannel, push: PushChannel | null): readonly Channel[] =>
            push ? [mail, feed, push] : [mail, feed],
        },
        {
          provide: EmailChannel,
          inject: [Settings, Database, Metrics, Readiness],
          useFactory: (settings: Settings, database: Database, metrics: Metrics, readiness: Readiness) => {
            const mail = email(config, settings, new SharedLimits(database));
            watchProviders(mail, metrics, readiness);
            return mail;
          },
        },
        { provide: PUSH, inject: [Settings, Database], useFactory: push },
        PushSubscriptionsService,
        FeedHints,
        FeedService,
        FeedChannel,
        PreferencesService,
        UnsubscribeService,
        { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
        DispatchMetrics,
        Composer,
        FormerRequests,
        Forecast,
        OneTimeCodes,
        Preparation,
        TeamDigests,
        OutcomeRecorder,
        DispatchResources,
        Dispatchers,
        IntakeMetrics,
        IntakeService,
        GuestMailsService,
        FeedbackMetrics,
        FeedbackService,
        DeliveriesService,
        DeadLetterBox,
        ExplanationsService,
        DryRunsService,
        Redriver,
        DeadLettersService,
        ...erasureProviders(config.ERASURE_KEY, RecipientEraser),
        ErasuresService,
        { provide: TXT_LOOKUP, useFactory: () => txtLookup(config.DNS_SERVERS) },
        MailCheckMetrics,
        CheckBudget,
        MailChecksService,
      ],
    };
  }
}

function email(config: Config, settings: Settings, limits: SharedLimits): EmailChannel {
  const { clientName } = settings;
  const providers = emailProviders(config.EMAIL_URL, { closeMs: CHANNEL_CLOSE_MS, clientName });
  return new EmailChannel(providers, { ...settings, limits });
}

function push({ push: settings, ...rest }: Settings, database: Database): PushChannel | null {
  const { brand, publicUrl, pushQuietMs: quietMs } = rest;
  return settings && new PushChannel(database, { ...settings, brand, publicUrl, quietMs, closeMs: CHANNEL_CLOSE_MS });
}
