// The integrity measurement architecture (Documentation/security/IMA-templates.rst, ABI/testing/ima_policy): by policy, files are hashed before they are read,
// run or mapped executable; the hash is logged (measure), compared with the file's label security.ima (appraise), or told to the audit log (audit).
import { BLOCKED, EACCES, EINVAL, ENODATA, EOPNOTSUPP, EPERM, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { PROT_EXEC } from '../../abi/mman.ts';
import { isRegular } from '../../abi/stat.ts';
import { toHex } from '../../lib/sha256.ts';
import { printable } from '../security/audit.ts';
import { type OpenUse, type Place, SecurityModule } from '../security/module.ts';
import type { Vma } from '../mm/vma.ts';
import type { Task } from '../task/task.ts';
import { renderFile } from '../vfs/d-path.ts';
import type { Inode } from '../vfs/inode.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { Registers } from './registers.ts';
import { HASH_ALGO_SHA1, HASH_ALGO_SHA256, type ImaKey, isSignature, signatureAlgorithm } from './ima-keys.ts';
import { MeasurementList } from './ima-log.ts';
import {
  IMA_APPRAISE, IMA_AUDIT, IMA_MAY_EXEC, IMA_MAY_READ, IMA_MAY_WRITE, IMA_MEASURE, IMA_SIGNATURE_REQUIRED, imaActions, type ImaFunc, type ImaRule, parseImaPolicy,
} from './ima-policy.ts';
import { hashInMemory, ImaState } from './ima-state.ts';
import type { Verity, VerifiedStore } from './verity.ts';

export const IMA_XATTR = 'security.ima';
/** First byte of a label: SHA-1, a signature, or any hash with its algorithm behind. */
const IMA_XATTR_DIGEST = 1, EVM_IMA_XATTR_DIGSIG = 3, IMA_XATTR_DIGEST_NG = 4;
/** File systems in memory: a label is written at once, because nothing there has to be waited for. */
const IN_MEMORY = ['tmpfs', 'overlay'];

export class Ima extends SecurityModule implements VerifiedStore {
  readonly name = 'ima';
  readonly list: MeasurementList;
  private rules: readonly ImaRule[] = [];
  private readonly keys: ImaKey[] = [];
  private readonly inodes = new Map<Inode, ImaState>();

  constructor(registers: Registers, verity: Verity) {
    super();
    this.list = new MeasurementList(registers);
    verity.stores.add(this);
  }

  /** Adds rules; EINVAL if one cannot be understood (then none was added). */
  load(text: string): 0 | Errno {
    const rules = parseImaPolicy(text);
    if (typeof rules === 'string') return EINVAL;
    this.list.begin();
    this.rules = [...this.rules, ...rules];
    for (const state of this.inodes.values()) {
      state.unrule();
      state.reset();
    }
    return 0;
  }

  /** A key that signatures may be made with. */
  trust(key: ImaKey): void { this.keys.push(key); }

  /** /sys/kernel/security/ima/policy. */
  get policy(): string { return this.rules.map(r => `${r.text}\n`).join(''); }

  // --- hooks ---------------------------------------------------------------------------------------------------------------------------

  override filePostOpen(t: Task, _place: Place, file: OpenFile, use: OpenUse): 0 | Errno {
    if (this.rules.length === 0 || !isRegular(file.inode.mode)) return 0;
    if (use !== 'exec') {
      const mask = (file.isReadable ? IMA_MAY_READ : 0) | (file.isWritable ? IMA_MAY_WRITE : 0);
      return this.process(t, file, 'FILE_CHECK', mask, use) || this.count(file);
    }
    // Mapping comes past the point of no return: what it will find is found out now.
    return this.process(t, file, 'FILE_CHECK', IMA_MAY_EXEC, use) || this.process(t, file, 'MMAP_CHECK', IMA_MAY_EXEC, use) || this.count(file);
  }

  override bprmCheck(t: Task, file: OpenFile): 0 | Errno {
    return this.rules.length === 0 ? 0 : this.process(t, file, 'BPRM_CHECK', IMA_MAY_EXEC, 'exec');
  }

  override mmapFile(t: Task, file: OpenFile | null, prot: number): 0 | Errno {
    if (file === null || (prot & PROT_EXEC) === 0 || this.rules.length === 0 || file.inode.pages === null) return 0;
    return this.process(t, file, 'MMAP_CHECK', IMA_MAY_EXEC, 'open');
  }

  /** Pages that were mapped unseen must not become executable, where mapping them so would have been appraised. */
  override mprotect(t: Task, v: Vma, prot: number): 0 | Errno {
    if (v.file === null || (prot & PROT_EXEC) === 0 || (v.prot & PROT_EXEC) !== 0 || this.rules.length === 0) return 0;
    const actions = imaActions(this.rules, t, v.file.inode, 'MMAP_CHECK', IMA_MAY_EXEC);
    if ((actions & (IMA_MEASURE | IMA_APPRAISE)) === 0) return 0;
    this.audit(t, v.file, 'collect_data', 'failed-mprotect');
    return (actions & IMA_APPRAISE) !== 0 ? EPERM : 0;
  }

  /** A label is about to be set: is it one? Then what was known of the file counts no more. */
  relabel(inode: Inode, value: Uint8Array | null): 0 | Errno {
    if (value !== null && (value.length < 2 || ![IMA_XATTR_DIGEST, EVM_IMA_XATTR_DIGSIG, IMA_XATTR_DIGEST_NG].includes(value[0]!))) return EINVAL;
    if (inode.ima !== null) inode.ima.appraised = 'no';
    return 0;
  }

  /** A description that was counted is gone. After the last writer the contents are new. */
  released(t: Task, file: OpenFile): void {
    const { inode } = file, state = inode.ima;
    if (state === null) return;
    if (!file.isWritable) {
      state.readers--;
      return;
    }
    if (inode.writers > 0) return;
    state.reset();
    if (state.labelFollows && inode.nlink > 0 && IN_MEMORY.includes(inode.sb.fsType)) this.label(t, inode, state);
    state.labelFollows = false;
  }

  /** The inode leaves memory. */
  forget(inode: Inode): void {
    this.inodes.delete(inode);
    inode.ima = null;
  }

  // --- the decision --------------------------------------------------------------------------------------------------------------------

  private process(t: Task, file: OpenFile, func: ImaFunc, mask: number, use: OpenUse): 0 | Errno {
    const { inode } = file;
    if (!isRegular(inode.mode)) return 0;
    const actions = func === 'FILE_CHECK' ? this.fileActions(t, inode, mask) : imaActions(this.rules, t, inode, func, mask);
    if (actions === 0 && inode.ima === null) return 0;
    const state = this.stateOf(inode);
    state.follow(inode);
    const todo = actions & ~state.done;
    const needsAppraisal = (actions & IMA_APPRAISE) !== 0 && (state.appraised === 'no' || ((actions & IMA_SIGNATURE_REQUIRED) !== 0 && state.appraised !== 'signature'));
    // Everything that may have to be waited for comes first.
    const digest = (todo & (IMA_MEASURE | IMA_AUDIT)) !== 0 || needsAppraisal ? state.collect(t, inode) : null;
    if (digest === BLOCKED) return BLOCKED;
    const verdict = needsAppraisal ? this.appraise(t, inode, state, actions, use) : null;
    if (isErr(verdict)) return verdict;
    this.findViolations(t, file, state, actions);
    if (isErr(digest)) {
      this.audit(t, file, 'collect_data', 'failed');
      return (actions & IMA_APPRAISE) !== 0 ? EACCES : 0;
    }
    if (digest !== null) this.tell(t, file, digest, todo);
    if (inode.writers === 0) state.done |= todo & (IMA_MEASURE | IMA_AUDIT);
    if ((actions & IMA_APPRAISE) !== 0 && file.isWritable) state.labelFollows = true;
    if (verdict === null || verdict === '') return 0;
    this.audit(t, file, 'appraise_data', verdict);
    return EACCES;
  }

  /** Opening is frequent: the rules are not asked twice about the same. */
  private fileActions(t: Task, inode: Inode, mask: number): number {
    const { ima } = inode;
    if (ima === null) return imaActions(this.rules, t, inode, 'FILE_CHECK', mask);
    if (!ima.isRuled(t, mask, inode)) ima.rule(t, mask, inode, imaActions(this.rules, t, inode, 'FILE_CHECK', mask));
    return ima.actions;
  }

  private tell(t: Task, file: OpenFile, digest: Uint8Array, todo: number): void {
    const path = pathName(t, file);
    if ((todo & IMA_MEASURE) !== 0) this.list.add(digest, path);
    if ((todo & IMA_AUDIT) === 0) return;
    t.kernel.security.audit?.record({ event: 'integrity', pid: t.tid, uid: t.cred.uid, comm: t.name, module: 'ima', op: 'rule', file: path, hash: `sha256:${toHex(digest)}` });
  }

  /** Read and written at the same time: what was measured need not be what is read. */
  private findViolations(t: Task, file: OpenFile, state: ImaState, actions: number): void {
    const { inode } = file;
    if (file.isWritable) {
      if (state.readers > 0 && state.mustMeasure) this.violate(t, file, 'ToMToU');
      return;
    }
    if ((actions & IMA_MEASURE) === 0) return;
    state.mustMeasure = true;
    if (inode.writers > 0) this.violate(t, file, 'open_writers');
  }

  private violate(t: Task, file: OpenFile, cause: string): void {
    this.list.violate(pathName(t, file));
    this.audit(t, file, 'invalid_pcr', cause);
  }

  /** Compares contents and label: '' is right, else the cause; BLOCKED. */
  private appraise(t: Task, inode: Inode, state: ImaState, actions: number, use: OpenUse): Fallible<string> {
    const label = inode.getxattr(t, IMA_XATTR);
    const wantsSignature = (actions & IMA_SIGNATURE_REQUIRED) !== 0;
    if (isErr(label)) {
      if (label === BLOCKED) return BLOCKED;
      if (label !== ENODATA && label !== EOPNOTSUPP) return 'failed';
      if (use === 'create' && !wantsSignature) return '';
      return wantsSignature ? 'IMA-signature-required' : 'missing-hash';
    }
    const kind = label[0];
    if (kind === EVM_IMA_XATTR_DIGSIG) {
      const algorithm = signatureAlgorithm(label);
      const digest = algorithm < 0 ? EINVAL : state.collectAs(t, inode, algorithm);
      if (digest === BLOCKED) return BLOCKED;
      if (isErr(digest) || !isSignature(label, digest, this.keys)) return 'invalid-signature';
      if (inode.writers === 0) state.appraised = 'signature';
      return '';
    }
    if (wantsSignature) return 'IMA-signature-required';
    const algorithm = kind === IMA_XATTR_DIGEST ? HASH_ALGO_SHA1 : kind === IMA_XATTR_DIGEST_NG ? label[1]! : -1;
    if (algorithm !== HASH_ALGO_SHA1 && algorithm !== HASH_ALGO_SHA256) return 'unknown-ima-data';
    const digest = state.collectAs(t, inode, algorithm);
    if (digest === BLOCKED) return BLOCKED;
    if (isErr(digest) || !equal(digest, label.subarray(kind === IMA_XATTR_DIGEST ? 1 : 2))) return 'invalid-hash';
    if (inode.writers === 0 && state.appraised === 'no') state.appraised = 'hash';
    return '';
  }

  /** The label of contents that were written with a right to; a signed file keeps its signature, which does not fit any more. */
  private label(t: Task, inode: Inode, state: ImaState): void {
    const old = inode.getxattr(t, IMA_XATTR);
    if (!isErr(old) && old[0] === EVM_IMA_XATTR_DIGSIG) return;
    const digest = state.collect(t, inode);
    if (isErr(digest)) return;
    const value = new Uint8Array(2 + digest.length);
    value.set([IMA_XATTR_DIGEST_NG, HASH_ALGO_SHA256]);
    value.set(digest, 2);
    inode.setxattr(t, IMA_XATTR, value, 0);
  }

  // --- self-audit ----------------------------------------------------------------------------------------------------------------------

  /** Measured files that are in memory as a whole and not what was measured, though nobody could write to them. */
  recheck(t: Task): number {
    let wrong = 0;
    for (const [inode, state] of this.inodes) {
      const before = state.digest;
      if (before === null || inode.writers > 0) continue;
      state.follow(inode);
      const now = state.digest === null ? null : hashInMemory(inode);
      if (now === null || equal(now, before)) continue;
      wrong++;
      t.kernel.security.verity.corrupt(t, `ima:${inode.sb.fsType}:${inode.ino}`, 'memory', 0);
    }
    return wrong;
  }

  // --- inside --------------------------------------------------------------------------------------------------------------------------

  private stateOf(inode: Inode): ImaState {
    if (inode.ima !== null) return inode.ima;
    const state = inode.ima = new ImaState();
    this.inodes.set(inode, state);
    return state;
  }

  /** Its end will be told. */
  private count(file: OpenFile): 0 {
    file.isMeasured = true;
    const state = this.stateOf(file.inode);
    if (!file.isWritable) state.readers++;
    return 0;
  }

  /** INTEGRITY_DATA and INTEGRITY_PCR of the audit system. */
  private audit(t: Task, file: OpenFile, op: string, cause: string): void {
    const { kernel } = t, { inode } = file, name = pathName(t, file);
    kernel.log.add(5, kernel.now(), `integrity: op=${op} cause=${cause} comm="${printable(t.name)}" name="${printable(name)}" ino=${inode.ino} res=0`);
    kernel.security.audit?.record({ event: 'integrity', pid: t.tid, uid: t.cred.uid, comm: t.name, module: 'ima', op, cause, name, dev: inode.sb.fsType, ino: inode.ino, res: 0 });
  }
}

/** As the machine's root directory sees it, whatever the task's is. */
const pathName = (t: Task, file: OpenFile): string => renderFile(file, t.kernel.init.leader.fs.root);

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
