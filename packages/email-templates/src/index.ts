export type { AlertContent, Audience, RenderedAlert, TemplateName } from './alert.js';
export { templates } from './alert.js';
export { EmailTemplateError, type EmailTemplateErrorCode } from './errors.js';
export { type Locale, locales, resolveLocale } from './locales.js';
export { compileAll, renderAlert } from './render-alert.js';
