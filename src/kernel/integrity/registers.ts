// Platform configuration registers: 24 hashes that can only be extended, so that each stands for the whole sequence of what was measured into it
// (TCG PC Client Platform Firmware Profile; TPM 2.0 Library, part 1, "Platform Configuration Registers"). One bank: SHA-256.
import { SHA256_BYTES, Sha256 } from '../../lib/sha256.ts';

export const PCR_COUNT = 24;
/** Registers that a dynamic launch would reset begin as ones, as in a TPM where there was none. */
const FIRST_DYNAMIC = 17, LAST_DYNAMIC = 22;

/** What goes where; numbers as the TCG profile, GRUB and Linux use them. */
export const PCR_KERNEL = 0, PCR_PLATFORM = 1, PCR_COMPILED = 2, PCR_POLICY = 7, PCR_COMMAND_LINE = 8, PCR_IMAGE = 9, PCR_IMA = 10, PCR_MODULES = 14;

export class Registers {
  private readonly values = new Uint8Array(PCR_COUNT * SHA256_BYTES);
  private readonly hash = new Sha256();

  constructor() { this.values.fill(0xff, FIRST_DYNAMIC * SHA256_BYTES, (LAST_DYNAMIC + 1) * SHA256_BYTES); }

  /** A copy of a register. */
  read(register: number): Uint8Array { return this.values.slice(register * SHA256_BYTES, (register + 1) * SHA256_BYTES); }

  /** TPM2_PCR_Extend: the register becomes the hash of what it was, followed by `digest`. */
  extend(register: number, digest: Uint8Array): void {
    const at = register * SHA256_BYTES;
    this.hash.reset().update(this.values, at, at + SHA256_BYTES).update(digest).digest(this.values, at);
  }
}
