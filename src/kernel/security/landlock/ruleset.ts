// The descriptor of landlock_create_ruleset(2): rules are added to it, and it may be given to others before anybody is restricted by it.
import { O_RDWR } from '../../../abi/fcntl.ts';
import type { Task } from '../../task/task.ts';
import { anonInode } from '../../vfs/anon-inode.ts';
import { OpenFile } from '../../vfs/open-file.ts';
import type { Rules } from './domain.ts';

export class RulesetFile extends OpenFile {
  readonly rules: Rules;
  constructor(t: Task, rules: Rules) {
    super(anonInode(t.kernel, 0o600), O_RDWR);
    this.rules = rules;
  }
  override get anonName(): string { return 'anon_inode:[landlock-ruleset]'; }
  override release(): void { this.rules.release(); }
}
