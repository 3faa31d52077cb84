import {
  type PushKeyResponse,
  type PushSubscriptionView,
  type RegisterPushRequest,
  type RenamePushRequest,
  registerPushRequest,
  renamePushRequest,
  type TestPushResponse,
} from '@bellhop/contracts/http';
import { Browser, CurrentIdentity, hashOfBrowser, type Identity, Public, SignedIn } from '@bellhop/service';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { type Owner, PushSubscriptionsService } from './push-subscriptions.service.js';

/** A person's own devices. */
@SignedIn()
@Controller('notifications')
export class PushSubscriptionsController {
  constructor(private readonly subscriptions: PushSubscriptionsService) {}

  /** It gives the browser its cookie, so that a registration whose answer is lost belongs to this browser all the same. */
  @Public()
  @Get('push-key')
  key(@Browser() _browser: string): PushKeyResponse {
    return { key: this.subscriptions.key() };
  }

  @Get('push-subscriptions')
  async list(
    @CurrentIdentity() identity: Identity,
    @Browser() browser: string,
  ): Promise<{ items: PushSubscriptionView[] }> {
    return { items: await this.subscriptions.list(ownerOf(identity, browser)) };
  }

  @Post('push-subscriptions')
  register(
    @CurrentIdentity() identity: Identity,
    @Browser() browser: string,
    @Body({ schema: registerPushRequest }) request: RegisterPushRequest,
  ): Promise<PushSubscriptionView> {
    return this.subscriptions.register(ownerOf(identity, browser), request);
  }

  /** For a sign-out, also one whose session has ended already: the browser is known by its cookie. */
  @Public()
  @Delete('push-subscriptions')
  @HttpCode(204)
  endOfBrowser(@Browser() browser: string): Promise<void> {
    return this.subscriptions.endOfBrowser(hashOfBrowser(browser));
  }

  @Patch('push-subscriptions/:id')
  rename(
    @CurrentIdentity() identity: Identity,
    @Browser() browser: string,
    @Param('id') id: string,
    @Body({ schema: renamePushRequest }) { name }: RenamePushRequest,
  ): Promise<PushSubscriptionView> {
    return this.subscriptions.rename(ownerOf(identity, browser), id, name);
  }

  @Delete('push-subscriptions/:id')
  @HttpCode(204)
  end(@CurrentIdentity() identity: Identity, @Browser() browser: string, @Param('id') id: string): Promise<void> {
    return this.subscriptions.end(ownerOf(identity, browser), id);
  }

  @Post('push-subscriptions/:id/tests')
  @HttpCode(200)
  test(
    @CurrentIdentity() identity: Identity,
    @Browser() browser: string,
    @Param('id') id: string,
  ): Promise<TestPushResponse> {
    return this.subscriptions.test(ownerOf(identity, browser), id, identity.locale);
  }
}

function ownerOf({ subject: person }: Identity, browser: string): Owner {
  return { person, browserHash: hashOfBrowser(browser) };
}
