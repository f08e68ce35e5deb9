// landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2).
import { type Errno, E2BIG, EBADF, EBADFD, EINVAL, ENOMSG, EPERM, ENOMEM, type Fallible, isErr } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import * as abi from '../../abi/landlock.ts';
import { isDirectory } from '../../abi/stat.ts';
import { ALL_FS, ALL_NET, ALL_SCOPES, FILE_RIGHTS, LandlockDomain, MAX_LAYERS, MAX_RULES, Rules } from '../security/landlock/domain.ts';
import { RulesetFile } from '../security/landlock/ruleset.ts';
import type { Task } from '../task/task.ts';
import { pathOf } from '../vfs/anon-inode.ts';
import { isPathOnly } from '../vfs/path-file.ts';
import { fd, flags, oneOf, ptr, size, syscall } from './define.ts';
import { installFile } from './eventfd.ts';

const { LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_CREATE_RULESET_ERRATA, LANDLOCK_RULE_PATH_BENEATH, LANDLOCK_RULE_NET_PORT } = abi;
const RESTRICT_FLAGS = {
  LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF: abi.LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF, LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON: abi.LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON,
  LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF: abi.LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF,
};
const ALL_RESTRICT_FLAGS = 7;
/** What was corrected since: TCP sockets are told apart by protocol, threads may signal each other. */
const ERRATA = 3;
/** struct landlock_ruleset_attr of the first ABI. */
const OLDEST_ATTR = 8, PAGE = 4096;

/** landlock_create_ruleset(2). */
export const sys_landlock_create_ruleset = syscall({
  name: 'landlock_create_ruleset',
  args: [ptr('attr'), size('size'), flags('flags', { LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_CREATE_RULESET_ERRATA })],
  run(t, at, size, flags) {
    if (flags !== 0) {
      if (at !== 0 || size !== 0) return EINVAL;
      return flags === LANDLOCK_CREATE_RULESET_VERSION ? abi.LANDLOCK_ABI : flags === LANDLOCK_CREATE_RULESET_ERRATA ? ERRATA : EINVAL;
    }
    if (size < OLDEST_ATTR) return EINVAL;
    if (size > PAGE) return E2BIG;
    const bytes = new Uint8Array(Math.max(size, abi.LandlockRulesetAttr.size));
    const r = t.user.copyIn(at, bytes, 0, size);
    if (isErr(r)) return r;
    if (bytes.subarray(abi.LandlockRulesetAttr.size).some(b => b !== 0)) return E2BIG;
    const attr = abi.LandlockRulesetAttr.view(bytes);
    const [fs, net, scoped] = [attr.handled_access_fs, attr.handled_access_net, attr.scoped];
    if (fs > ALL_FS || net > ALL_NET || scoped > ALL_SCOPES) return EINVAL;
    if (fs === 0 && net === 0 && scoped === 0) return ENOMSG;
    return installFile(t, new RulesetFile(t, new Rules(fs, net, scoped)), 'cloexec');
  },
});

/** landlock_add_rule(2). */
export const sys_landlock_add_rule = syscall({
  name: 'landlock_add_rule',
  args: [fd('ruleset_fd'), oneOf('rule_type', { LANDLOCK_RULE_PATH_BENEATH, LANDLOCK_RULE_NET_PORT }), ptr('rule_attr'), flags('flags', {})],
  run(t, fd, type, attr, flags) {
    if (flags !== 0) return EINVAL;
    const ruleset = rulesetOf(t, fd);
    if (isErr(ruleset)) return ruleset;
    const { rules } = ruleset;
    if (rules.fs.size + rules.ports.size >= MAX_RULES) return ENOMEM;
    switch (type) {
      case LANDLOCK_RULE_PATH_BENEATH: return addPath(t, rules, attr);
      case LANDLOCK_RULE_NET_PORT: return addPort(t, rules, attr);
      default: return EINVAL;
    }
  },
});

/** landlock_restrict_self(2). */
export const sys_landlock_restrict_self = syscall({
  name: 'landlock_restrict_self',
  args: [fd('ruleset_fd'), flags('flags', RESTRICT_FLAGS)],
  gaps: 'the flags about logging are accepted: every denial goes to the audit log',
  run(t, fd, flags) {
    if (!t.noNewPrivs && !t.cred.has(CAP_SYS_ADMIN)) return EPERM;
    if ((flags & ~ALL_RESTRICT_FLAGS) !== 0) return EINVAL;
    if (fd === -1 && flags === abi.LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF) return 0;
    const ruleset = rulesetOf(t, fd);
    if (isErr(ruleset)) return ruleset;
    const parent = t.cred.landlock;
    if (parent !== null && parent.depth >= MAX_LAYERS) return E2BIG;
    t.cred = t.cred.with({ landlock: new LandlockDomain(parent, ruleset.rules.copy()) });
    return 0;
  },
});

function rulesetOf(t: Task, fd: number): Fallible<RulesetFile> {
  const file = t.files.get(fd);
  if (isErr(file)) return file;
  if (isPathOnly(file)) return EBADF;
  return file instanceof RulesetFile ? file : EBADFD;
}

function addPath(t: Task, rules: Rules, at: number): 0 | Errno {
  const attr = abi.LandlockPathBeneath.view();
  const r = t.user.copyIn(at, attr.bytes);
  if (isErr(r)) return r;
  const rights = attr.allowed_access;
  if (rights === 0) return ENOMSG;
  if (rights > ALL_FS || (rights & ~rules.handledFs) !== 0) return EINVAL;
  const file = t.files.get(attr.parent_fd);
  if (isErr(file)) return file;
  const path = pathOf(file);
  if (file instanceof RulesetFile || path.mount === t.kernel.mounts.anonMount) return EBADFD;
  const inode = path.dentry.inode!;
  if (!isDirectory(inode.mode) && (rights & ~FILE_RIGHTS) !== 0) return EINVAL;
  rules.allow(inode, rights);
  return 0;
}

function addPort(t: Task, rules: Rules, at: number): 0 | Errno {
  const attr = abi.LandlockNetPort.view();
  const r = t.user.copyIn(at, attr.bytes);
  if (isErr(r)) return r;
  const rights = attr.allowed_access;
  if (rights === 0) return ENOMSG;
  if (rights > ALL_NET || (rights & ~rules.handledNet) !== 0 || attr.port > 65535) return EINVAL;
  rules.allowPort(attr.port, rights);
  return 0;
}
