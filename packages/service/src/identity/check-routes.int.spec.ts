import { EventsController, OnEvent } from '@bellhop/jetstream';
import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import { startTestService } from '../../test/test-service.js';
import { Public, SignedIn } from './access.decorators.js';

abstract class BaseController {
  @Get('inherited')
  inherited(): string {
    return '';
  }
}

@Controller('a')
class ForgottenController extends BaseController {
  @Post()
  forgotten(): string {
    return '';
  }

  @Public()
  @Get()
  open(): string {
    return '';
  }
}

@SignedIn()
@Controller('b')
class SignedInController {
  @Get()
  me(): string {
    return '';
  }
}

@EventsController()
class Handler {
  @OnEvent('tickets.v1.*')
  heard(): void {}
}

describe('a route that does not say who may use it', () => {
  it('stops the start, named, with what to do; handlers of events are no routes', async () => {
    await expect(startTestService({ controllers: [ForgottenController, Handler] })).rejects.toMatchObject({
      code: 'route_without_access',
      message:
        'Cannot start: nobody may use ForgottenController.forgotten, ForgottenController.inherited. ' +
        'Put @Public(), @SignedIn() or @Roles(…) on each.',
    });
  });

  it('and one that asks for a sign-in that nobody can check, too', async () => {
    await expect(startTestService({ controllers: [SignedInController] })).rejects.toMatchObject({
      code: 'identity_missing',
      message: expect.stringContaining('OIDC_ISSUER'),
    });
  });
});
