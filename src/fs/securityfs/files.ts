// The files of securityfs: which modules there are, what lockdown forbids. Others add their tables here.
import { PCR_COUNT } from '../../kernel/integrity/registers.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { toHex } from '../../lib/sha256.ts';
import type { Entries } from '../pseudo/entry.ts';
import { IMA_FILES } from './ima.ts';
import { VERITY_FILES } from './verity.ts';

const GENERAL: Entries<Kernel> = {
  /** Without a newline, as Linux has it. */
  'lsm': { mode: 0o444, show: (_t, k) => k.security.names },
  /** One-way (lockdown.ts); whoever may write to the file may raise it. */
  'lockdown': { mode: 0o644, show: (_t, k) => `${k.security.lockdown.text}\n`, store: (_t, k, text) => k.security.lockdown.raise(text.replace(/\n$/, '')) },
  /** Writing `now` audits the kernel, a number of seconds lets it do so by itself (integrity/self-audit.ts). */
  'self_audit': { mode: 0o600, show: (_t, k) => k.selfAudit.text, store: (_t, k, text) => k.selfAudit.store(text) },
  /** off or on, and the programs that are exempt (wx.ts). */
  'wx': { mode: 0o444, show: (_t, k) => `${k.security.wx.text}\n` },
};

/** Measured boot. The paths are those of a TPM's log under Linux; the registers have their own file, for there is no TPM device. */
const MEASURED_BOOT: Entries<Kernel> = {
  'tpm0/ascii_bios_measurements': { mode: 0o440, show: (_t, k) => k.security.bootLog.ascii },
  'tpm0/binary_bios_measurements': { mode: 0o440, show: (_t, k) => k.security.bootLog.binary },
  'tpm0/pcr-sha256': { mode: 0o444, show: (_t, k) => showRegisters(k) },
};

/** By path below /sys/kernel/security. */
export const SECURITY_FILES: Entries<Kernel> = { ...GENERAL, ...MEASURED_BOOT, ...IMA_FILES, ...VERITY_FILES };

function showRegisters(k: Kernel): string {
  let text = '';
  for (let i = 0; i < PCR_COUNT; i++) text += `${i}: ${toHex(k.security.bootLog.registers.read(i))}\n`;
  return text;
}
