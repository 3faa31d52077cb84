/**
 * Shapes of the HTTP routes: requests, answers, headers and cookies. Pages import only types from here: each value brings zod along. What they need at
 * run time is in `../constants`.
 */

export {
  AUDIT_REASON_HEADER,
  IDEMPOTENCY_KEY_HEADER,
  IDEMPOTENT_REPLAY_HEADER,
  PROBLEM_CONTENT_TYPE,
} from '../constants/headers.js';
export {
  MAIL_AFTER_MINUTES,
  MAX_ATTACHMENT_BYTES,
  MAX_CHECKED_MAIL_BYTES,
  MAX_HINTED_TICKETS,
  MAX_PHRASE_LENGTH,
  MAX_UNREAD,
} from '../constants/limits.js';
export { WEEKDAYS } from '../constants/words.js';
export {
  type AuditEntryView,
  type ListAuditQuery,
  listAuditQuery,
  listAuditResponse,
} from './audit.js';
export { BROWSER_COOKIE, GUEST_SESSION_COOKIE } from './cookies.js';
export {
  type DeadLetterDetailView,
  type DeadLetterView,
  deadLetterDetailView,
  type ListDeadLettersQuery,
  listDeadLettersQuery,
  listDeadLettersResponse,
  type RedriveRequest,
  type RedriveResponse,
  type RedrivesRequest,
  type RedrivesResponse,
  redriveRequest,
  redriveResponse,
  redrivesRequest,
  redrivesResponse,
} from './dead-letters.js';
export {
  DELIVERY_STATES,
  type DeliveryDetailView,
  type DeliveryState,
  type DeliveryView,
  type DeviceAttemptView,
  deliveryDetailView,
  type ListDeliveriesQuery,
  listDeliveriesQuery,
  listDeliveriesResponse,
  MAX_REPLAYED_AT_ONCE,
  REPLAYABLE_STATES,
  type Refusal,
  type ReplayRequest,
  type ReplaysRequest,
  type ReplaysResponse,
  type ReplayView,
  replayRequest,
  replaysRequest,
  replaysResponse,
  replayView,
} from './deliveries.js';
export {
  type AssignmentRequest,
  assignmentRequest,
  type DeskHint,
  type DeskTicketResponse,
  type DeskTicketView,
  deskHint,
  deskTicketResponse,
  type InformationRequest,
  informationRequest,
  type ListDeskTicketsQuery,
  listDeskTicketsQuery,
  listDeskTicketsResponse,
  type NoteRequest,
  type NoteView,
  noteRequest,
  noteView,
  type ResolutionRequest,
  resolutionRequest,
} from './desk.js';
export { type ErasureRequest, type ErasureView, erasureRequest, erasureView } from './erasures.js';
export {
  type DecisionView,
  type DeliveryTrace,
  type DryRunRequest,
  type DryRunResponse,
  decisionView,
  dryRunRequest,
  dryRunResponse,
  type ExplainedDecision,
  type ExplanationQuery,
  type ExplanationResponse,
  explanationQuery,
  explanationResponse,
  type MessagePreview,
  type RehearsedDecision,
} from './explanations.js';
export {
  type FeedEntryView,
  type FeedKind,
  type FeedSeenRequest,
  type FeedState,
  feedKind,
  feedSeenRequest,
  feedState,
  type ListFeedResponse,
  listFeedResponse,
} from './feed.js';
export {
  type OpenChallengeResponse,
  openChallengeRequest,
  openChallengeResponse,
  type RequestLinkRequest,
  type RevokeLinksRequest,
  type RevokeLinksResponse,
  requestLinkRequest,
  revokeLinksRequest,
  revokeLinksResponse,
  type VerificationRequest,
  type VerificationResponse,
  verificationRequest,
  verificationResponse,
  wrongCodeProblem,
} from './guests.js';
export { idempotencyKey } from './headers.js';
export { type ReadinessDetails, type ReadinessResponse, readinessDetails, readinessResponse } from './health.js';
export { cursor, type Page, pageQuery } from './lists.js';
export {
  type MailCheckReason,
  type MailCheckResponse,
  mailCheckResponse,
} from './mail-checks.js';
export { type MeResponse, meResponse } from './me.js';
export {
  type CellLock,
  listMutesResponse,
  type MailAfterMinutes,
  type MuteView,
  type PhraseRequest,
  type PreferencesRequest,
  type PreferencesResponse,
  phraseRequest,
  preferencesRequest,
  preferencesResponse,
  type QuietHours,
  quietHours,
} from './preferences.js';
export { type ProblemDocument, type ProblemField, problem } from './problem.js';
export {
  listPushSubscriptionsResponse,
  type PushKeyResponse,
  type PushSubscriptionView,
  pushKeyResponse,
  pushSubscriptionView,
  type RegisterPushRequest,
  type RenamePushRequest,
  registerPushRequest,
  renamePushRequest,
  type TestPushResponse,
  testPushResponse,
} from './push.js';
export {
  type ListSentQuery,
  listSentQuery,
  listSentResponse,
  type SentMessageView,
  type SentOutcome,
} from './sent.js';
export {
  type SessionPerson,
  type SessionResponse,
  type SignInFailure,
  type SignOutResponse,
  sessionResponse,
  signInFailure,
  signOutResponse,
} from './sessions.js';
export { listSuppressionsResponse, type SuppressionView } from './suppressions.js';
export {
  type AttachmentView,
  attachmentView,
  type FileTicketRequest,
  type FileTicketResponse,
  fileTicketRequest,
  fileTicketResponse,
  type ListedTicketView,
  type ListTicketsQuery,
  listTicketsQuery,
  listTicketsResponse,
  type MessageView,
  messageView,
  type PostMessageRequest,
  postMessageRequest,
  type ReadTicketQuery,
  readTicketQuery,
  type SeenRequest,
  seenRequest,
  type TicketHint,
  type TicketResponse,
  type TicketView,
  type TimelineEntry,
  ticketHint,
  ticketResponse,
  ticketView,
} from './tickets.js';
