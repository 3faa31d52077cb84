import { Code, type CodeProps } from './preview.js';

export default function OneTimeCode(props: CodeProps) {
  return <Code {...props} />;
}

OneTimeCode.PreviewProps = { locale: 'en', validMinutes: 10 } satisfies CodeProps;
