// elf(5): linux/elf.h, linux/elf-em.h, asm/elf.h.

import { bytes, ptr, struct, u16, u32, u64, u8 } from '../lib/struct.ts';


// e_ident
export const EI_MAG0 = 0;
export const EI_CLASS = 4;
export const EI_DATA = 5;
export const EI_VERSION = 6;
export const EI_OSABI = 7;
export const EI_NIDENT = 16;
export const ELFCLASS64 = 2;
export const ELFDATA2LSB = 1;
export const EV_CURRENT = 1;

// e_type, e_machine
export const ET_NONE = 0;
export const ET_REL = 1;
export const ET_EXEC = 2;
export const ET_DYN = 3;
export const ET_CORE = 4;
export const EM_RISCV = 243;

// e_flags of riscv (ELF psABI)
export const EF_RISCV_RVC = 1;
export const EF_RISCV_FLOAT_ABI = 6;
export const EF_RISCV_RVE = 8;

// p_type
export const PT_NULL = 0x0;
export const PT_LOAD = 0x1;
export const PT_DYNAMIC = 0x2;
export const PT_INTERP = 0x3;
export const PT_NOTE = 0x4;
export const PT_SHLIB = 0x5;
export const PT_PHDR = 0x6;
export const PT_TLS = 0x7;
export const PT_GNU_EH_FRAME = 0x6474e550;
export const PT_GNU_STACK = 0x6474e551;
export const PT_GNU_RELRO = 0x6474e552;
export const PT_GNU_PROPERTY = 0x6474e553;
export const PT_RISCV_ATTRIBUTES = 0x70000003;

// p_flags
export const PF_X = 0x1;
export const PF_W = 0x2;
export const PF_R = 0x4;

// sh_type
export const SHT_NULL = 0;
export const SHT_PROGBITS = 1;
export const SHT_SYMTAB = 2;
export const SHT_STRTAB = 3;
export const SHT_RELA = 4;
export const SHT_HASH = 5;
export const SHT_DYNAMIC = 6;
export const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHT_DYNSYM = 11;
export const SHN_UNDEF = 0;
export const SHN_ABS = 65521;

// d_tag
export const DT_NULL = 0x0;
export const DT_NEEDED = 0x1;
export const DT_HASH = 0x4;
export const DT_STRTAB = 0x5;
export const DT_SYMTAB = 0x6;
export const DT_RELA = 0x7;
export const DT_RELASZ = 0x8;
export const DT_STRSZ = 0xa;
export const DT_SYMENT = 0xb;
export const DT_SONAME = 0xe;
export const DT_VERSYM = 0x6ffffff0;
export const DT_VERDEF = 0x6ffffffc;
export const DT_VERDEFNUM = 0x6ffffffd;

// Symbols
export const STB_LOCAL = 0;
export const STB_GLOBAL = 1;
export const STB_WEAK = 2;
export const STT_NOTYPE = 0;
export const STT_OBJECT = 1;
export const STT_FUNC = 2;
export const STT_SECTION = 3;
export const STT_FILE = 4;

// Notes
export const NT_PRSTATUS = 0x1;
export const NT_PRFPREG = 0x2;
export const NT_PRPSINFO = 0x3;
export const NT_AUXV = 0x6;
export const NT_SIGINFO = 0x53494749;
export const NT_FILE = 0x46494c45;

/** File header. */
export const Elf64Ehdr = struct('Elf64_Ehdr', {
  e_ident: bytes(EI_NIDENT), e_type: u16, e_machine: u16, e_version: u32, e_entry: ptr, e_phoff: u64, e_shoff: u64, e_flags: u32,
  e_ehsize: u16, e_phentsize: u16, e_phnum: u16, e_shentsize: u16, e_shnum: u16, e_shstrndx: u16,
});
/** Program header. */
export const Elf64Phdr = struct('Elf64_Phdr', {
  p_type: u32, p_flags: u32, p_offset: u64, p_vaddr: ptr, p_paddr: ptr, p_filesz: u64, p_memsz: u64, p_align: u64,
});
/** Section header. */
export const Elf64Shdr = struct('Elf64_Shdr', {
  sh_name: u32, sh_type: u32, sh_flags: u64, sh_addr: ptr, sh_offset: u64, sh_size: u64, sh_link: u32, sh_info: u32, sh_addralign: u64, sh_entsize: u64,
});
export const Elf64Sym = struct('Elf64_Sym', { st_name: u32, st_info: u8, st_other: u8, st_shndx: u16, st_value: ptr, st_size: u64 });
export const Elf64Dyn = struct('Elf64_Dyn', { d_tag: u64, d_un: u64 });
export const Elf64Nhdr = struct('Elf64_Nhdr', { n_namesz: u32, n_descsz: u32, n_type: u32 });
