// The policy language of IMA (Documentation/ABI/testing/ima_policy): which files are measured, appraised and audited. One rule a line; for each kind of
// action the first rule that matches counts.
import { isDirectory } from '../../abi/stat.ts';
import {
  ANON_INODE_FS_MAGIC, DEVPTS_SUPER_MAGIC, EXT4_SUPER_MAGIC, FUSE_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, PROC_SUPER_MAGIC, SECURITYFS_MAGIC, SYSFS_MAGIC, TMPFS_MAGIC,
} from '../../abi/statfs.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';

/** What a rule decides, as bits: what to do, and that it is not to be done. */
export const IMA_MEASURE = 1, IMA_DONT_MEASURE = 2, IMA_APPRAISE = 4, IMA_DONT_APPRAISE = 8, IMA_AUDIT = 16, IMA_DO = IMA_MEASURE | IMA_APPRAISE | IMA_AUDIT;
/** Comes along with IMA_APPRAISE: only a signature will do. */
export const IMA_SIGNATURE_REQUIRED = 32;
const ALL = IMA_MEASURE | IMA_DONT_MEASURE | IMA_APPRAISE | IMA_DONT_APPRAISE | IMA_AUDIT;

const ACTIONS: Readonly<Record<string, number>> = {
  measure: IMA_MEASURE, dont_measure: IMA_DONT_MEASURE, appraise: IMA_APPRAISE, dont_appraise: IMA_DONT_APPRAISE, audit: IMA_AUDIT,
};

/** Where the kernel asks. */
export type ImaFunc = 'FILE_CHECK' | 'MMAP_CHECK' | 'BPRM_CHECK';
/** Events that this kernel never has: rules for them are understood and never match. */
const NEVER = ['CREDS_CHECK', 'MODULE_CHECK', 'FIRMWARE_CHECK', 'KEXEC_KERNEL_CHECK', 'KEXEC_INITRAMFS_CHECK', 'KEXEC_CMDLINE', 'POLICY_CHECK', 'KEY_CHECK', 'CRITICAL_DATA', 'SETXATTR_CHECK', 'MMAP_CHECK_REQPROT'];
const FUNCS: readonly string[] = ['FILE_CHECK', 'MMAP_CHECK', 'BPRM_CHECK', ...NEVER];

/** Bits of `mask`. */
export const IMA_MAY_EXEC = 1, IMA_MAY_WRITE = 2, IMA_MAY_READ = 4, IMA_MAY_APPEND = 8;
const MASKS: Readonly<Record<string, number>> = { MAY_EXEC: IMA_MAY_EXEC, MAY_WRITE: IMA_MAY_WRITE, MAY_READ: IMA_MAY_READ, MAY_APPEND: IMA_MAY_APPEND };

const MAGIC: Readonly<Record<string, number>> = {
  tmpfs: TMPFS_MAGIC, devtmpfs: TMPFS_MAGIC, proc: PROC_SUPER_MAGIC, sysfs: SYSFS_MAGIC, securityfs: SECURITYFS_MAGIC, devpts: DEVPTS_SUPER_MAGIC,
  overlay: OVERLAYFS_SUPER_MAGIC, virtiofs: FUSE_SUPER_MAGIC, ext2: EXT4_SUPER_MAGIC, anon_inodefs: ANON_INODE_FS_MAGIC,
};

/** An id compared: uid=0, uid>999, uid<1000. */
interface IdTest { readonly field: IdField; readonly how: '=' | '<' | '>'; readonly id: number }
type IdField = 'uid' | 'euid' | 'gid' | 'egid' | 'fowner' | 'fgroup';
const ID_FIELDS: readonly string[] = ['uid', 'euid', 'gid', 'egid', 'fowner', 'fgroup'];

export interface ImaRule {
  readonly text: string;
  readonly action: number;
  readonly func: string | null;
  readonly mask: number;
  /** mask=MAY_READ is exactly that; mask=^MAY_READ is that among others. */
  readonly maskMode: 'any' | 'equals' | 'includes';
  readonly fsmagic: number | null;
  readonly fsname: string | null;
  readonly ids: readonly IdTest[];
  readonly signature: boolean;
}

/** ima_policy=tcb of the kernel's command line: everything that root runs or reads. */
export const TCB_POLICY = `dont_measure fsmagic=0x9fa0
dont_measure fsmagic=0x62656572
dont_measure fsmagic=0x73636673
dont_measure fsmagic=0x1cd1
measure func=MMAP_CHECK mask=MAY_EXEC
measure func=BPRM_CHECK mask=MAY_EXEC
measure func=FILE_CHECK mask=^MAY_READ euid=0
measure func=FILE_CHECK mask=^MAY_READ uid=0
`;

/** The rules of a policy; a string says which line cannot be understood. */
export function parseImaPolicy(text: string): ImaRule[] | string {
  const rules: ImaRule[] = [];
  for (const line of text.split('\n')) {
    const words = line.trim();
    if (words === '' || words.startsWith('#')) continue;
    const rule = parseRule(words);
    if (rule === null) return words;
    rules.push(rule);
  }
  return rules;
}

function parseRule(text: string): ImaRule | null {
  const [verb, ...conditions] = text.split(/\s+/);
  const action = ACTIONS[verb!];
  if (action === undefined) return null;
  const rule = { text, action, func: null as string | null, mask: 0, maskMode: 'any' as ImaRule['maskMode'], fsmagic: null as number | null, fsname: null as string | null, ids: [] as readonly IdTest[], signature: false };
  const seen = new Set<string>();
  for (const word of conditions) {
    const [, key, how, value] = /^([a-z_]+)([=<>])(.+)$/.exec(word) ?? [];
    if (key === undefined || seen.has(key) || !setCondition(rule, key, how as IdTest['how'], value!)) return null;
    seen.add(key);
  }
  return rule;
}

function setCondition(rule: { -readonly [K in keyof ImaRule]: ImaRule[K] }, key: string, how: IdTest['how'], value: string): boolean {
  if (ID_FIELDS.includes(key)) {
    rule.ids = [...rule.ids, { field: key as IdField, how, id: Number(value) }];
    return /^\d{1,10}$/.test(value);
  }
  if (how !== '=') return false;
  switch (key) {
    case 'func':
      rule.func = value === 'PATH_CHECK' ? 'FILE_CHECK' : value === 'FILE_MMAP' ? 'MMAP_CHECK' : value;
      return FUNCS.includes(rule.func);
    case 'mask':
      rule.maskMode = value.startsWith('^') ? 'includes' : 'equals';
      rule.mask = MASKS[value.replace(/^\^/, '')] ?? 0;
      return rule.mask !== 0;
    case 'fsmagic':
      rule.fsmagic = parseInt(value, 16);
      return /^(0x)?[0-9a-f]{1,8}$/i.test(value);
    case 'fsname':
      rule.fsname = value;
      return true;
    case 'appraise_type':
      rule.signature = true;
      return value === 'imasig' && rule.action === IMA_APPRAISE;
    case 'template': return value === 'ima-ng' && rule.action === IMA_MEASURE;
    case 'pcr': return value === '10' && rule.action === IMA_MEASURE;
    case 'permit_directio': return false;
    default: return false;
  }
}

/** What is to be done about a file: IMA_MEASURE, IMA_APPRAISE (with IMA_SIGNATURE_REQUIRED), IMA_AUDIT. */
export function imaActions(rules: readonly ImaRule[], t: Task, inode: Inode, func: ImaFunc, mask: number): number {
  let open = ALL, actions = 0;
  for (const r of rules) {
    if ((r.action & open) === 0 || !matches(r, t, inode, func, mask)) continue;
    actions |= r.action & IMA_DO;
    if (r.action === IMA_APPRAISE && r.signature) actions |= IMA_SIGNATURE_REQUIRED;
    open &= ~(r.action === IMA_MEASURE || r.action === IMA_DONT_MEASURE ? IMA_MEASURE | IMA_DONT_MEASURE
      : r.action === IMA_AUDIT ? IMA_AUDIT : IMA_APPRAISE | IMA_DONT_APPRAISE);
    if (open === 0) break;
  }
  return actions;
}

function matches(r: ImaRule, t: Task, inode: Inode, func: ImaFunc, mask: number): boolean {
  if (r.func !== null && r.func !== func) return false;
  if (r.maskMode === 'equals' && r.mask !== mask) return false;
  if (r.maskMode === 'includes' && (r.mask & mask) === 0) return false;
  if (r.fsmagic !== null && r.fsmagic !== MAGIC[inode.sb.fsType]) return false;
  if (r.fsname !== null && r.fsname !== inode.sb.fsType) return false;
  for (const test of r.ids) if (!passes(idOf(test.field, t, inode), test)) return false;
  return !isDirectory(inode.mode);
}

function idOf(field: IdField, { cred }: Task, inode: Inode): number {
  switch (field) {
    case 'uid': return cred.uid;
    case 'euid': return cred.euid;
    case 'gid': return cred.gid;
    case 'egid': return cred.egid;
    case 'fowner': return inode.uid;
    case 'fgroup': return inode.gid;
  }
}

const passes = (value: number, { how, id }: IdTest): boolean => (how === '=' ? value === id : how === '<' ? value < id : value > id);
