import { Global, Module } from '@nestjs/common';
import { UnreadablePreferences } from './unreadable-preferences.js';

/** Global: whoever remembers callers or takes filings counts there. */
@Global()
@Module({ providers: [UnreadablePreferences], exports: [UnreadablePreferences] })
export class PeopleModule {}
