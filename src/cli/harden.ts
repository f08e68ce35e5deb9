// --hardening: what comes first of all, before an image, a policy or a module is opened.
import { nativeCode } from '../host/node/native-code.ts';
import { hardenRealm } from '../system/hardening/realm.ts';
import { type Parsed, UsageError } from './options.ts';

export function harden({ values }: Parsed): void {
  const wanted = values.get('hardening') ?? 'realm';
  if (wanted !== 'realm' && wanted !== 'none') throw new UsageError(`--hardening is realm or none, not '${wanted}'`);
  nativeCode();
  if (wanted === 'realm') hardenRealm();
}
