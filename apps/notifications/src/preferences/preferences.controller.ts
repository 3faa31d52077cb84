import {
  type MuteView,
  type PhraseRequest,
  type PreferencesRequest,
  type PreferencesResponse,
  phraseRequest,
  preferencesRequest,
} from '@bellhop/contracts/http';
import { CurrentIdentity, type Identity, SignedIn } from '@bellhop/service';
import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { PreferencesService } from './preferences.service.js';

/** The caller's own settings, whoever that is: a customer or an agent. */
@SignedIn()
@Controller('notifications')
export class PreferencesController {
  constructor(private readonly preferences: PreferencesService) {}

  @Get('preferences')
  read(@CurrentIdentity() identity: Identity): Promise<PreferencesResponse> {
    return this.preferences.read(identity);
  }

  @Put('preferences')
  replace(
    @CurrentIdentity() identity: Identity,
    @Body({ schema: preferencesRequest }) request: PreferencesRequest,
  ): Promise<PreferencesResponse> {
    return this.preferences.replace(identity, request);
  }

  @Put('phrase')
  @HttpCode(204)
  setPhrase(
    @CurrentIdentity() identity: Identity,
    @Body({ schema: phraseRequest }) { phrase }: PhraseRequest,
  ): Promise<void> {
    return this.preferences.setPhrase(identity, phrase);
  }

  @Get('mutes')
  async listMutes(@CurrentIdentity() identity: Identity): Promise<{ items: MuteView[] }> {
    return { items: await this.preferences.listMutes(identity) };
  }

  @Put('mutes/:ticketId')
  @HttpCode(204)
  mute(@CurrentIdentity() identity: Identity, @Param('ticketId') ticketId: string): Promise<void> {
    return this.preferences.mute(identity, ticketId);
  }

  @Delete('mutes/:ticketId')
  @HttpCode(204)
  unmute(@CurrentIdentity() identity: Identity, @Param('ticketId') ticketId: string): Promise<void> {
    return this.preferences.unmute(identity, ticketId);
  }
}
