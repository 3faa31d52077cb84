import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Mail } from './mail.entity.js';
import { MailsService } from './mails.service.js';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL ?? '',
      entities: [Mail],
      synchronize: true,
    }),
    TypeOrmModule.forFeature([Mail]),
  ],
  providers: [MailsService],
  exports: [MailsService],
})
export class MailsModule {}
