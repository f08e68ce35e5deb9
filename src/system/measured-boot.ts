// What is measured into the boot log, and in which order: what the host says it started (kernel, image, policy, modules), then the machine itself.
import { isHardened } from './hardening/realm.ts';
import { EV_IPL, EV_POST_CODE, EV_S_CRTM_VERSION, EV_TABLE_OF_DEVICES } from '../kernel/integrity/boot-log.ts';
import { PCR_COMMAND_LINE, PCR_KERNEL, PCR_PLATFORM, PCR_POLICY } from '../kernel/integrity/registers.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { KERNEL_RELEASE, KERNEL_VERSION } from '../kernel/version.ts';
import type { MachineRequest, MachineSandbox } from './contract.ts';

/** To be called before the first device is touched. Settings that the machine starts with are one line of policy. */
export function measureBoot(kernel: Kernel, { measured = [], sandbox = {} }: Pick<MachineRequest, 'measured' | 'sandbox'>, bootargs: string): void {
  const { security: { bootLog }, machine: { ram, dtb } } = kernel;
  bootLog.addText(PCR_KERNEL, EV_S_CRTM_VERSION, `kspace ${KERNEL_RELEASE} ${KERNEL_VERSION}`);
  for (const m of measured) bootLog.add(m.register, m.register === PCR_KERNEL ? EV_POST_CODE : EV_IPL, m.digest, m.text);
  bootLog.addBytes(PCR_PLATFORM, EV_TABLE_OF_DEVICES, ram.u8.subarray(dtb.paddr, dtb.paddr + dtb.size), 'device tree');
  bootLog.addText(PCR_COMMAND_LINE, EV_IPL, `kernel_cmdline: ${bootargs}`);
  bootLog.addText(PCR_POLICY, EV_IPL, `settings: ${settings(sandbox)}`);
}

/** In a fixed order, so that the same settings are the same bytes. */
function settings({ lockdown, pidsLimit, policy, wx }: MachineSandbox): string {
  return `realm=${isHardened() ? 'hardened' : 'plain'} lockdown=${lockdown ?? 'none'} pids=${pidsLimit ?? 'max'} policy=${policy === undefined ? 'none' : 'host'} wx=${wx === undefined ? 'off' : ['on', ...wx.exempt].join(':')}`;
}
